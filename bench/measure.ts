import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** What one run of a program cost. */
export interface Cost {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of processor time, user and system, with all its children. */
  readonly cpu: number;
  /** MiB, of the program alone at its largest, without its children. */
  readonly memory: number;
}

/** bash's own clock knows the processor time of children that have ended. */
const timed = `TIMEFORMAT='%3R %3U %3S'; time "$@" 2>"$0"`;

/** Runs a program and measures it; throws where it fails, with the last lines it said. */
export async function measure(argv: readonly string[], errors: string, env: Readonly<Record<string, string>> = {}): Promise<Cost> {
  const child = spawn("bash", ["-c", timed, errors, ...argv], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  const output = text(child.stdout);
  const times = text(child.stderr);
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const memory = await watchMemory(child.pid ?? 0, code);
  if ((await code) !== 0)
    throw new Error(
      `${argv.join(" ")}: exit code ${await code}\n${(await output).slice(-1500)}\n${(await readFile(errors, "utf8")).slice(-1500)}`,
    );
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN] = (await times).trim().split(" ").map(Number);
  return { wall, cpu: user + system, memory };
}

/** Looks at the high-water mark of bash's only child until bash ends. */
async function watchMemory(bash: number, ended: Promise<unknown>): Promise<number> {
  let peak = 0;
  let isRunning = true;
  void ended.then(() => {
    isRunning = false;
  });
  while (isRunning) {
    peak = Math.max(peak, await highWaterMark(bash).catch(() => 0));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  return peak;
}

async function highWaterMark(bash: number): Promise<number> {
  const [child] = (await readFile(`/proc/${bash}/task/${bash}/children`, "utf8")).trim().split(" ");
  const status = await readFile(`/proc/${child}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** The run in the middle, by wall time. */
export function median(costs: readonly Cost[]): Cost {
  const sorted = [...costs].sort((a, b) => a.wall - b.wall);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("nothing was measured");
  return middle;
}
