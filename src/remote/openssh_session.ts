import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { messageOf } from "../core/error.ts";
import type { Channel, ChannelListener } from "./channel.ts";
import { exitCode } from "./exit_code.ts";
import { opensshEnvironment } from "./openssh_environment.ts";
import { sessionWords } from "./openssh_options.ts";

/** What ssh's own exit code is where it could not run the command, or lost it. */
const opensshFailed = 255;

/** One command over a master connection. */
export interface SessionStart {
  readonly socket: string;
  /** The file for what ssh says itself. */
  readonly log: string;
  readonly address: string;
  readonly command: string;
  /** Whether the master still takes sessions. */
  isAlive(): Promise<boolean>;
}

/** How a session ended: with the command's exit code, or without one, and what ssh says of that; nothing where the master is gone. */
export interface SessionEnd {
  readonly code: number | undefined;
  readonly said: string;
}

/** A running session. */
export interface Session extends Pick<Channel, "write" | "release"> {
  /** Never rejects. */
  readonly ended: Promise<SessionEnd>;
}

/** Starts a session. The master reads and writes its three streams by itself, ssh only waits. */
export function startSession(start: SessionStart, { stdout, stderr }: ChannelListener): Session {
  const { socket, log, address, command } = start;
  const child = spawn("ssh", sessionWords(socket, log, address, command), { detached: true, stdio: "pipe", env: opensshEnvironment() });
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", stdout);
  child.stderr.on("data", stderr);
  const closed = new Promise<SessionEnd>((resolve) => {
    child.once("error", (error) => resolve({ code: undefined, said: messageOf(error) }));
    child.once("close", (code, signal) => resolve({ code: exitCode(code, signal), said: "" }));
  });
  const ended = closed.then((end) => (end.code === opensshFailed ? explain(start) : end));
  void ended.then(() => rm(log, { force: true })).catch(() => undefined);
  return {
    write: (bytes) =>
      Promise.race([new Promise<void>((resolve) => child.stdin.write(bytes, () => resolve())), closed.then(() => undefined)]),
    release: () => {
      child.kill();
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    },
    ended,
  };
}

/** The command's own 255, unless ssh has something to say or the master is gone. */
async function explain({ log, isAlive }: SessionStart): Promise<SessionEnd> {
  if (!(await isAlive())) return { code: undefined, said: "" };
  const said = await readFile(log, "utf8").catch(() => "");
  return { code: said === "" ? opensshFailed : undefined, said };
}
