import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Target } from "../../src/core/connection.ts";
import { scratch } from "./asking.ts";

/** OpenSSH's own server on loopback, run by the user who runs the tests. */
export interface RealSshd {
  readonly port: number;
  readonly folder: string;
  /** A known_hosts file that knows it. */
  readonly knownHosts: string;
  /** A private key that it lets in. */
  readonly key: string;
  close(): Promise<void>;
}

const program = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd"].find((path) => existsSync(path));

/** Makes an ed25519 key pair, and gives the private key's path. */
export function makeKey(folder: string, name: string, passphrase = ""): string {
  const file = join(folder, name);
  const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", file]);
  if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr}`);
  return file;
}

function configure(port: number, options: readonly string[]): { readonly folder: string; readonly config: string } {
  const folder = scratch();
  const [key, config] = [join(folder, "user"), join(folder, "sshd_config")];
  makeKey(folder, "host");
  makeKey(folder, "user");
  const lines = [
    ...options,
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(folder, "host")}`,
    "PidFile none",
    `AuthorizedKeysFile ${key}.pub`,
    "StrictModes no",
    "KexAlgorithms curve25519-sha256", // the usual one costs a tenth of a second
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
  ];
  writeFileSync(config, lines.join("\n"));
  return { folder, config };
}

/** Why there can be no such server here; undefined where there can. */
export const noSshd: string | undefined = ((): string | undefined => {
  if (program === undefined || spawnSync("ssh", ["-V"]).error !== undefined) return "OpenSSH's client and server are not installed";
  const test = spawnSync(program, ["-t", "-f", configure(22, []).config]);
  return test.status === 0 ? undefined : `sshd does not start here: ${String(test.stderr).trim()}`;
})();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Ends the server with the tests, however they end. */
const untilEndOfInput = '"$@" & sshd=$!; read -r _; kill "$sshd"; wait';

/** Starts one, with lines of sshd_config that win over the usual ones. */
export async function startSshd(...options: readonly string[]): Promise<RealSshd> {
  const port = await freePort();
  const { folder, config } = configure(port, options);
  const child = spawn("sh", ["-c", untilEndOfInput, "sh", program ?? "sshd", "-D", "-e", "-f", config], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  await untilListening(child);
  const knownHosts = join(folder, "known_hosts");
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${readFileSync(join(folder, "host.pub"))}`);
  const close = async () => {
    const closed = once(child, "exit");
    child.stdin.end();
    await closed;
  };
  return { port, folder, knownHosts, key: join(folder, "user"), close };
}

async function untilListening({ stderr }: ChildProcess): Promise<void> {
  if (stderr === null) throw new Error("sshd has no stderr");
  for await (const line of createInterface(stderr)) {
    if (!line.startsWith("Server listening")) continue;
    stderr.resume();
    return;
  }
  throw new Error("sshd ended before it listened");
}

/** Its user, key and host key; nothing of this machine's own configuration. */
export const realTarget = ({ port, knownHosts, key }: Omit<RealSshd, "close" | "folder">, more: Partial<Target> = {}): Target => ({
  name: "web01",
  transport: "openssh",
  address: "127.0.0.1",
  port,
  user: userInfo().username,
  privateKeyFile: key,
  sshConfig: "none",
  knownHostsFiles: [knownHosts],
  connectTimeout: 10,
  ...more,
});
