import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** What a program answered; `code` is null when a signal ended it. */
export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program behind it as the first process of a namespace: whatever ends us ends it too, with all that it started and mounted. */
export const contained = [
  "setpriv",
  "--pdeathsig",
  "KILL",
  "unshare",
  "--mount",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
] as const;

/** Runs a program with `input` on its stdin, whatever its exit code; `deadline` in milliseconds kills it. */
export async function run(program: string, args: readonly string[], input = "", deadline?: number): Promise<Output> {
  const child = spawn(program, args, { timeout: deadline, killSignal: "SIGKILL" });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const closed = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code: child.exitCode, stdout, stderr };
}

/** The same, but throws with the last lines of stderr unless the program exits 0. */
export async function expectRun(program: string, args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, input);
  if (code === 0) return stdout;
  const lines = (stderr.trim() || stdout.trim()).split("\n").slice(-15).join("\n");
  throw new Error(`${[program, ...args].join(" ")} ended with ${code}:\n${lines}`);
}
