import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Logs in with dash, so that no start-up file of a shell is measured. */
const benchUser = "kofleet-bench";
const isRoot = process.getuid?.() === 0;

/** One sshd on loopback that stands for all hosts. */
export interface Loopback {
  readonly port: number;
  readonly user: string;
  readonly key: string;
  readonly knownHosts: string;
  /** Commands that were started so far; counted only where it was asked for. */
  sessions(): number;
  stop(): Promise<void>;
}

/** Starts an sshd with its own configuration and keys in a folder. Counting needs a talkative log, which costs time. */
export async function startLoopback(folder: string, isCounting: boolean): Promise<Loopback> {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const user = isRoot ? addUser() : userInfo().username;
  const port = await freePort();
  const at = (name: string) => join(folder, name);
  for (const name of ["host_key", "key"])
    if (!existsSync(at(name))) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  copyFileSync(at("key.pub"), at("authorized_keys"));
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${readFileSync(at("host_key.pub"), "utf8")}`);
  writeFileSync(at("sshd_config"), configuration(folder, port, isCounting));
  const sshd = await start(at("sshd_config"), at("sshd.log"), port);
  const sessions = () => readFileSync(at("sshd.log"), "utf8").split("Starting session: command").length - 1;
  return { port, user, key: at("key"), knownHosts: at("known_hosts"), sessions, stop: () => stop(sshd) };
}

const configuration = (folder: string, port: number, isCounting: boolean): string => `ListenAddress 127.0.0.1
Port ${port}
HostKey ${folder}/host_key
AuthorizedKeysFile ${folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
MaxStartups 1000:30:1000
MaxSessions 1000
LogLevel ${isCounting ? "VERBOSE" : "ERROR"}
Subsystem sftp internal-sftp
`;

/** A user without a password that is not locked either: sshd refuses locked ones. */
function addUser(): string {
  if (!existsSync(`/home/${benchUser}`)) execFileSync("useradd", ["--create-home", "--shell", "/bin/dash", "--password", "*", benchUser]);
  return benchUser;
}

/** Takes back what a bench added to this machine. */
export function removeUser(): void {
  if (isRoot && existsSync(`/home/${benchUser}`)) spawnSync("userdel", ["--force", "--remove", benchUser], { stdio: "ignore" });
}

/** Gives a folder to whoever logs in. */
export function giveToUser(folder: string, user: string): void {
  if (isRoot) execFileSync("chown", [user, folder]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function start(config: string, log: string, port: number): Promise<ChildProcess> {
  if (isRoot) mkdirSync("/run/sshd", { recursive: true });
  const file = openSync(log, "w");
  const sshd = spawn("/usr/sbin/sshd", ["-f", config, "-D", "-e"], { stdio: ["ignore", file, file] });
  process.once("exit", () => sshd.kill());
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await answers(port)) return sshd;
    await delay(50);
  }
  sshd.kill();
  throw new Error(`sshd does not answer: ${readFileSync(log, "utf8")}`);
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function stop(sshd: ChildProcess): Promise<void> {
  if (sshd.exitCode !== null) return;
  const ended = once(sshd, "exit");
  sshd.kill();
  await ended;
}
