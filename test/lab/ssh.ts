import { setTimeout as sleep } from "node:timers/promises";
import { type Output, run } from "./run.ts";

/** Where and how to log in. */
export interface Login {
  readonly port: number;
  readonly user: string;
  readonly key: string;
  readonly knownHosts: string;
  /** The name that the host key stands under, where it isn't the port's own. */
  readonly alias?: string;
}

/** Seconds until a machine is logged in to: how long it takes is up to whoever emulates it. */
export const patience = 300;

/** Arguments of OpenSSH's client: strict host keys, only our key, and the algorithms that cost an emulated machine least. */
export function sshArguments(login: Login): string[] {
  const options = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${login.knownHosts}`,
    "GlobalKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
    `ConnectTimeout=${patience}`,
    "KexAlgorithms=curve25519-sha256",
    "Ciphers=chacha20-poly1305@openssh.com",
    ...(login.alias ? [`HostKeyAlias=${login.alias}`] : []),
  ];
  const where = ["-i", login.key, "-p", String(login.port), "-l", login.user, "127.0.0.1"];
  return ["-F", "none", ...options.flatMap((option) => ["-o", option]), ...where];
}

/** Runs one command line in the login's shell. Exit code 255 is the connection's own failure. */
export function ssh(login: Login, command: string, input = "", deadline?: number): Promise<Output> {
  return run("ssh", [...sshArguments(login), command], input, deadline);
}

/** Waits until the command succeeds; throws with the last answer after `deadline` milliseconds. */
export async function untilSsh(login: Login, command: string, deadline: number, input = ""): Promise<Output> {
  const end = Date.now() + deadline;
  for (;;) {
    const answer = await ssh(login, command, input, patience * 1000);
    if (answer.code === 0) return answer;
    if (Date.now() > end) throw new Error(`no ssh at 127.0.0.1:${login.port} within ${deadline / 1000} s: ${answer.stderr.trim()}`);
    await sleep(200);
  }
}
