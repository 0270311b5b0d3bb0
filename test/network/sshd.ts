import type { ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectRun } from "../lab/run.ts";
import { end, type Namespace, spawnBound } from "./namespace.ts";

/** Who logs in: known to these servers alone. */
export const user = "ann";

/** The keys that all servers of a network share, and where they lie. */
export interface Keys {
  readonly folder: string;
  /** The user's home on all hosts. */
  readonly home: string;
  /** Of the user. */
  readonly key: string;
  /** A line of known_hosts without its hosts: "ssh-ed25519 AAAA…". */
  readonly hostKey: string;
}

/** Makes keys, and the accounts of a machine on which only root and the user can log in. */
export async function makeKeys(folder: string): Promise<Keys> {
  for (const name of ["host_key", "key"])
    await expectRun("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, name)]);
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  write("authorized_keys", readFileSync(join(folder, "key.pub"), "utf8"));
  write("passwd", `${readFileSync("/etc/passwd", "utf8")}${user}:x:64999:64999::${folder}/home:/bin/sh\n`);
  write("shadow", ["root", "sshd", user].map((name) => `${name}:*:19000:0:99999:7:::\n`).join(""));
  mkdirSync(join(folder, "home"));
  chmodSync(join(folder, "home"), 0o777);
  return {
    folder,
    home: join(folder, "home"),
    key: join(folder, "key"),
    hostKey: readFileSync(join(folder, "host_key.pub"), "utf8").trim(),
  };
}

const configuration = (folder: string, addresses: readonly string[], options: readonly string[]): string =>
  [
    ...addresses.map((address) => `ListenAddress ${address}`),
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "UseDNS no",
    "LogLevel QUIET",
    ...options,
    "",
  ].join("\n");

/** In mounts of its own, which end with it, it sees our accounts in place of the machine's. */
const startScript = `
mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/shadow" /etc/shadow || exit
mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f "$2"
`;

const untilListening =
  'n=0; until ss -Hltn src "$1:22" | grep -q .; do [ $((n += 1)) -lt 250 ] && sleep 0.02 || break; done; [ $n -lt 250 ]';

/** A real sshd with all its sessions and what they run: a process namespace that ends at once. */
export class Sshd {
  private constructor(private readonly process: ChildProcess) {}

  /** Starts one on port 22 of its addresses; options are more lines of its configuration. */
  static async start(inside: Namespace, keys: Keys, addresses: readonly string[], ...options: string[]): Promise<Sshd> {
    const file = join(keys.folder, `sshd_config.${addresses[0]}`);
    writeFileSync(file, configuration(keys.folder, addresses, options));
    const isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", startScript, "sh", keys.folder, file];
    const sshd = new Sshd(spawnBound(inside.within(...isolated)));
    await inside.run("sh", "-c", `${untilListening} || { echo no sshd listens on "$1" >&2; exit 1; }`, "sh", addresses[0] ?? "");
    return sshd;
  }

  /** Stops it and all of its sessions where they stand: the kernel goes on to accept connections for it, and acknowledges what is sent. */
  freeze(): void {
    for (const pid of descendants(String(this.process.pid))) process.kill(Number(pid), "SIGSTOP");
  }

  close(): Promise<void> {
    return end(this.process);
  }
}

function descendants(pid: string): string[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean),
  );
  return [...children, ...children.flatMap(descendants)];
}
