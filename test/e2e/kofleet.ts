import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TimedEvent } from "../../src/core/event.ts";
import type { HostResult } from "../../src/core/outcome.ts";

const root = join(import.meta.dirname, "../..");
/** The manifest of the lab's own module. */
export const manifest = join(root, "playbooks/modules/kofleet_example.yaml");

/** What a command printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run came to, host by host. */
export const resultsOf = (events: readonly TimedEvent[]): readonly HostResult[] =>
  events.flatMap((event) => (event.type === "run-finished" ? event.results : []));

/** The program as users run it, with a home of its own. */
export class Kofleet {
  readonly home = mkdtempSync(join(tmpdir(), "kofleet-e2e-"));

  /** How it is called: the words before its own. */
  constructor(private readonly call: readonly string[] = [process.execPath, join(root, "dist/cli.js")]) {}

  /** `onText` sees what is told as it comes, on either stream; `signal` kills it, as a control machine that loses its power would. */
  run(args: readonly string[], onText: (text: string) => void = () => undefined, signal?: AbortSignal): Promise<Ended> {
    const env = { PATH: process.env.PATH, HOME: this.home, LANG: "C.UTF-8" };
    const [program = "", ...words] = [...this.call, ...args];
    const child = spawn(program, words, { cwd: this.home, env, stdio: ["ignore", "pipe", "pipe"] });
    signal?.addEventListener("abort", () => child.kill("SIGKILL"));
    const out: Buffer[] = [];
    const error: Buffer[] = [];
    for (const [stream, chunks] of [[child.stdout, out] as const, [child.stderr, error] as const]) {
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        onText(chunk.toString());
      });
    }
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) =>
        resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(error).toString() }),
      );
    });
  }

  /** Runs a command with `--json`; each line is one value. */
  async json<T>(args: readonly string[]): Promise<{ readonly code: number; readonly lines: T[]; readonly stderr: string }> {
    const { code, stdout, stderr } = await this.run([...args, "--json"]);
    return {
      code,
      stderr,
      lines: stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as T),
    };
  }

  /** Removes its home. */
  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
