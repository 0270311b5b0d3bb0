import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Contestant, type Ground, hosts, isInstalled, oneCommand, oneFile, tenTasks, writeInventories } from "./contestants.ts";
import { type Costs, judge, type Results } from "./criteria.ts";
import { giveToUser, type Loopback, removeUser, startLoopback } from "./loopback.ts";
import { type Cost, measure, median } from "./measure.ts";
import { costTable, criteriaTable } from "./tables.ts";

/** In memory where there is such a place: a hundred "hosts" that sync to one disk would measure that disk. */
const disk = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

const folder = mkdtempSync(join(tmpdir(), "kofleet-bench-"));
const targets = mkdtempSync(join(disk, "kofleet-bench-"));
for (const path of [folder, targets]) chmodSync(path, 0o755); // the user who logs in is another
let runs = 0;

async function once(contestant: Contestant, server: Loopback): Promise<Cost> {
  runs += 1;
  const ground: Ground = {
    server,
    folder: join(folder, String(server.port)),
    target: join(targets, String(runs)),
    upload: join(folder, "upload.ko"),
  };
  mkdirSync(ground.target);
  giveToUser(ground.target, server.user);
  try {
    return await measure(contestant.argv(ground), join(folder, "errors"), contestant.env?.(ground));
  } finally {
    rmSync(ground.target, { recursive: true, force: true });
  }
}

/** Runs the contestants by turns, so that a busy moment of the machine hits all of them alike. */
async function compare(title: string, contestants: readonly Contestant[], server: Loopback): Promise<Costs> {
  const present = contestants.filter(isInstalled);
  const costs = new Map<string, Cost[]>(present.map(({ name }) => [name, []]));
  for (let turn = 1; turn <= Math.max(...present.map(({ runs }) => runs)); turn++) {
    for (const contestant of present.filter(({ runs }) => turn <= runs)) {
      const cost = await once(contestant, server);
      costs.get(contestant.name)?.push(cost);
      process.stderr.write(`${title}: ${contestant.name}, ${turn} of ${contestant.runs}: ${cost.wall} s\n`);
    }
  }
  return Object.fromEntries([...costs].map(([name, all]) => [name, median(all)]));
}

async function countExecs(contestant: Contestant): Promise<number> {
  const server = await startLoopback(join(folder, "counting"), true);
  try {
    writeInventories(join(folder, String(server.port)), server);
    await once(contestant, server);
    return server.sessions() / hosts;
  } finally {
    await server.stop();
  }
}

async function measureAll(): Promise<Results> {
  const server = await startLoopback(join(folder, "sshd"), false);
  try {
    writeInventories(join(folder, String(server.port)), server);
    writeFileSync(join(folder, "upload.ko"), Buffer.alloc(5_300_000, "kofleet"));
    return {
      oneCommand: await compare("one command", oneCommand, server),
      tenTasks: await compare("ten tasks", tenTasks, server),
      oneFile: await compare("a file of 5.3 MB", oneFile, server),
      execsPerHost: await countExecs(tenTasks[0] as Contestant),
    };
  } finally {
    await server.stop();
  }
}

function adviseMissing(): void {
  const missing = [...oneCommand, ...tenTasks, ...oneFile].filter((contestant) => !isInstalled(contestant)).map(({ debian }) => debian);
  if (!existsSync("/usr/sbin/sshd")) missing.push("openssh-server");
  if (missing.length > 0) process.stderr.write(`to compare with all: apt-get install ${[...new Set(missing)].join(" ")}\n`);
}

function cleanUp(): void {
  for (const path of [folder, targets]) rmSync(path, { recursive: true, force: true });
  removeUser();
}

function print(results: Results): void {
  const criteria = judge(results);
  const { oneCommand: command, tenTasks: tasks, oneFile: file } = results;
  process.stdout.write(
    `${costTable(`uname -r on ${hosts} hosts`, command)}\n${costTable("ten small tasks", tasks)}\n${costTable("a file of 5.3 MB", file)}\n`,
  );
  process.stdout.write(`${criteriaTable(criteria)}\n${JSON.stringify({ ...results, criteria })}\n`);
  if (criteria.some(({ isMet }) => isMet === false)) process.exitCode = 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.once("exit", cleanUp);
adviseMissing();
execFileSync("npm", ["run", "--silent", "build"], { stdio: ["ignore", 2, 2] });
print(await measureAll());
