import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { userInfo } from "node:os";
import { ConnectError } from "../core/error.ts";
import type { Channel, ChannelListener, Transport } from "./channel.ts";
import { exitCode } from "./exit_code.ts";

/** Runs commands on the control machine itself, by the shell that sshd would use least surprisingly: /bin/sh. */
export function openLocal(): Transport {
  const running = new Set<Channel>();
  return {
    user: userInfo().username,
    place: "this machine",
    async open(command, listener) {
      const channel = await run(command, listener);
      running.add(channel);
      void channel.closed.then(() => running.delete(channel));
      return channel;
    },
    async close() {
      for (const channel of running) channel.release();
    },
  };
}

async function run(command: string, { stdout, stderr }: ChannelListener): Promise<Channel> {
  const child = spawn("/bin/sh", ["-c", command], { detached: true, stdio: "pipe" });
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", stdout);
  child.stderr.on("data", stderr);
  const closed = new Promise<number | undefined>((resolve) => {
    child.once("close", (code, signal) => resolve(exitCode(code, signal)));
  });
  await once(child, "spawn").catch((cause: unknown) => {
    throw new ConnectError("protocol", "cannot start /bin/sh on this machine", { cause });
  });
  return {
    write: (bytes) =>
      Promise.race([new Promise<void>((resolve) => child.stdin.write(bytes, () => resolve())), closed.then(() => undefined)]),
    kill: () => {
      killGroup(child);
      release(child);
    },
    release: () => release(child),
    closed,
  };
}

/** It leads a process group of its own, which may be gone already. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // Nobody is left to be ended.
  }
}

function release({ stdin, stdout, stderr }: ChildProcess): void {
  for (const stream of [stdin, stdout, stderr]) stream?.destroy();
}
