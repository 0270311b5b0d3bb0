import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atLeast, atMost } from "./criteria.ts";
import { startDroppingProxy } from "./dropping_proxy.ts";
import { removeUser, startLoopback } from "./loopback.ts";
import { type Cost, measure } from "./measure.ts";
import { costTable, criteriaTable } from "./tables.ts";

/** One command on 500 "hosts" of an sshd on loopback, 200 at once, while 5 % of all connections are dropped at their start. */
const hosts = 500;
const forks = 200;
const every = 20;

const folder = mkdtempSync(join(tmpdir(), "kofleet-scale-"));
chmodSync(folder, 0o755); // the user who logs in is another

interface Scale {
  readonly cost: Cost;
  /** Share of the connections, between 0 and 1. */
  readonly dropped: number;
}

/** Throws where a single host fails. */
async function measureScale(): Promise<Scale> {
  const server = await startLoopback(join(folder, "sshd"), false);
  const proxy = await startDroppingProxy(server.port, every);
  try {
    const known = join(folder, "known_hosts");
    writeFileSync(known, readFileSync(server.knownHosts, "utf8").replace(String(server.port), String(proxy.port)));
    const vars = { host: "127.0.0.1", port: proxy.port, user: server.user, private_key_file: server.key, known_hosts: [known] };
    const names = Array.from({ length: hosts }, (_, index) => [`host${index + 1}`, null]);
    const inventory = join(folder, "inventory.yaml");
    writeFileSync(inventory, JSON.stringify({ all: { vars, hosts: Object.fromEntries(names) } }));
    const program = ["node", join(import.meta.dirname, "..", "dist", "cli.js")];
    const argv = [...program, "exec", "all", "-i", inventory, "-f", String(forks), "--", "uname", "-r"];
    const cost = await measure(argv, join(folder, "errors"), { SSH_AUTH_SOCK: "" });
    return { cost, dropped: proxy.counts.dropped / proxy.counts.started };
  } finally {
    proxy.close();
    await server.stop();
  }
}

function cleanUp(): void {
  rmSync(folder, { recursive: true, force: true });
  removeUser();
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.once("exit", cleanUp);
execFileSync("npm", ["run", "--silent", "build"], { stdio: ["ignore", 2, 2] });
const { cost, dropped } = await measureScale();
const criteria = [
  atLeast("share of connections dropped at start", dropped, 0.049),
  atMost("peak memory of kofleet, MiB", cost.memory, 250),
];
process.stdout.write(
  `${costTable(`uname -r on ${hosts} hosts, ${forks} at once: all succeeded`, { kofleet: cost })}\n${criteriaTable(criteria)}\n`,
);
if (criteria.some(({ isMet }) => !isMet)) process.exitCode = 1;
