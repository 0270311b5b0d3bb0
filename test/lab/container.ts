import { type ChildProcess, spawn } from "node:child_process";
import { appendFile, mkdir, open } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { Host, type HostRecord, type Place } from "./host.ts";
import { makeHostKey } from "./machine.ts";
import { contained } from "./run.ts";
import { untilSsh } from "./ssh.ts";

/** Milliseconds. */
const startDeadline = 120_000;

/** A root folder of its own with sshd, on the kernel and the network of the machine that the lab is on; nothing that it writes outlives it. */
export class Container extends Host {
  private constructor(
    record: HostRecord,
    place: Place,
    private readonly process: ChildProcess,
  ) {
    super(record, place);
  }

  /** Starts one on a tree that others may be running on too. It dies with this process, however that ends. */
  static async start(tree: string, lab: string, { name, builder }: Omit<HostRecord, "port">, place: Place): Promise<Container> {
    const folder = join(place.folder, name);
    await mkdir(folder);
    const hostKey = await makeHostKey(folder);
    const port = await freePort();
    await appendFile(place.knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
    const log = await open(join(folder, "container.log"), "a");
    const options = [
      ...["--quiet", `--directory=${tree}`, "--read-only", "--volatile=overlay", "--as-pid2", "--register=no", "--keep-unit"],
      ...[`--machine=${lab}-${name}`, `--hostname=${name}`, "--resolv-conf=copy-host", "--console=pipe"],
      `--bind-ro=${join(folder, "host_key")}:/etc/ssh/ssh_host_ed25519_key`,
    ];
    const sshd = `mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -p ${port} -o ListenAddress=127.0.0.1`;
    const [program, ...words] = contained;
    const child = spawn(program, [...words, "systemd-nspawn", ...options, "sh", "-c", sshd], { stdio: ["ignore", log.fd, log.fd] });
    await log.close();
    const container = new Container({ name, port, builder }, place, child);
    const ended = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the container ${name} ended with ${code}: see ${join(folder, "container.log")}`)));
    });
    try {
      await Promise.race([ended, untilSsh(container.login(), "true", startDeadline)]);
    } catch (error) {
      await container.stop();
      throw error;
    }
    return container;
  }

  /** Ends it, with all that runs in it. */
  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.process;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const exited = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await exited;
  }
}

/** A port of 127.0.0.1 that nothing listens on. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}
