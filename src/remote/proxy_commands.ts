import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { addAbortSignal, type Duplex } from "node:stream";
import { ConnectError, messageOf } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";
import { forwardError } from "./forward_error.ts";
import { tunnelOf } from "./tunnel.ts";

/** How much of a command's stderr is kept, in characters. */
const kept = 4096;
/** Milliseconds between a TERM and a KILL, and for a command to end that said its last word. */
const grace = 1000;

/** The commands that lead to hosts. None outlives its stream, nor this process, unless that is killed with no warning. */
export class ProxyCommands {
  readonly #running = new Set<ChildProcess>();
  #isWatching = false;

  /** Starts a command as ssh does: the shell is replaced by it. `place` is for messages. Throws a ConnectError, and the stream fails with one. */
  async open(place: string, command: string, signal: AbortSignal): Promise<Duplex> {
    signal.throwIfAborted();
    const child = spawn("/bin/sh", ["-c", `exec ${command}`], { detached: true, stdio: "pipe" });
    this.#watch(child);
    let said = "";
    child.stderr.on("data", (chunk) => {
      said = `${said}${chunk}`.slice(-kept);
    });
    await once(child, "spawn").catch((cause: unknown) => {
      throw new ConnectError("protocol", `cannot start the ProxyCommand to ${place}: ${messageOf(cause)}`, { cause });
    });
    const whyEnded = async () => {
      const code = await exitCodeOf(child);
      return code === 0
        ? undefined
        : forwardError(
            `the ProxyCommand to ${place} ended`,
            lastLines(said, 1) || (code === undefined ? "it says nothing" : `exit code ${code}`),
          );
    };
    const stream = tunnelOf({ from: child.stdout, to: child.stdin, hangUp: () => this.#end(child), whyEnded });
    return addAbortSignal(signal, stream);
  }

  #watch(child: ChildProcess): void {
    this.#running.add(child);
    child.on("error", () => undefined).once("close", () => this.#running.delete(child));
    if (this.#isWatching) return;
    this.#isWatching = true;
    process.once("exit", () => {
      for (const one of this.#running) kill(one, "SIGKILL");
    });
  }

  #end(child: ChildProcess): void {
    if (!this.#running.has(child)) return;
    kill(child, "SIGTERM");
    const timer = setTimeout(() => kill(child, "SIGKILL"), grace).unref();
    child.once("close", () => clearTimeout(timer));
  }
}

/** Undefined where a signal ended the command, or nothing does in time. */
async function exitCodeOf(child: ChildProcess): Promise<number | undefined> {
  if (child.exitCode === null && child.signalCode === null)
    await once(child, "close", { signal: AbortSignal.timeout(grace) }).catch(() => undefined);
  return child.exitCode ?? undefined;
}

/** It leads a process group of its own, so that what it started ends with it. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left to be ended.
  }
}
