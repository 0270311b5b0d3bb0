import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expectRun } from "../lab/run.ts";

/** A command line that ends with the process that starts it, even where that is ended by SIGKILL. */
export const bound = (argv: readonly string[]): string[] => ["setpriv", "--pdeathsig", "KILL", ...argv];

/** Starts a program that ends with this process. */
export function spawnBound(argv: readonly string[]): ChildProcess {
  const [program = "", ...args] = bound(argv);
  return spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
}

/** Ends a process that this one started, and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** A network namespace without a name: the kernel takes it away with its last process, so that nothing is ever left to sweep. */
export class Namespace {
  private constructor(private readonly holder: ChildProcess) {}

  /** An empty one, whose loopback is up. */
  static async create(): Promise<Namespace> {
    const holder = spawnBound(["unshare", "--net", "sleep", "infinity"]);
    const namespace = new Namespace(holder);
    await namespace.#untilUnshared();
    await namespace.run("ip", "link", "set", "lo", "up");
    return namespace;
  }

  /** The process that holds it, as `ip link … netns PID` takes it. */
  get pid(): string {
    return String(this.holder.pid);
  }

  /** A command line that runs another one inside. */
  within(...argv: readonly string[]): string[] {
    return ["nsenter", "--target", this.pid, "--net", "--", ...argv];
  }

  /** Runs a program inside to its end; throws unless it exits 0. */
  run(...argv: readonly string[]): Promise<string> {
    const [program = "", ...args] = this.within(...argv);
    return expectRun(program, args);
  }

  close(): Promise<void> {
    return end(this.holder);
  }

  async #untilUnshared(): Promise<void> {
    const netOf = (pid: string) => readlinkSync(`/proc/${pid}/ns/net`);
    for (let attempt = 0; attempt < 200; attempt++) {
      if (this.holder.exitCode !== null) break;
      if (netOf(this.pid) !== netOf("self")) return;
      await sleep(10);
    }
    throw new Error("cannot make a network namespace: is this process allowed to? (CAP_SYS_ADMIN)");
  }
}
