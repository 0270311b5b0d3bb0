import type { ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end, Namespace, spawnBound } from "./namespace.ts";
import { type Keys, makeKeys, Sshd } from "./sshd.ts";

/** What can be done to the packets of a host: the sets of `network.nft`. */
export type Trouble = "silent" | "resetting" | "prohibited" | "lossy" | "slow";

const here = import.meta.dirname;

/** Of folders that hold the keys of a network; the number of its process follows. */
const prefix = "kofleet-network-";

/** Removes the folders of processes that are gone: all else of a network goes with its process. */
function sweep(): void {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))) {
    const pid = /^\d+(?=-)/.exec(name.slice(prefix.length))?.[0];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** One machine for kofleet and one that stands for all hosts, with a cable between them: each host is an address. */
export class Network {
  /** Where the client asks for names, and perhaps nobody answers. */
  readonly nameServer = "10.0.0.53";
  readonly #processes: ChildProcess[] = [];
  readonly #servers: Sshd[] = [];
  #addresses = 0;

  private constructor(
    readonly client: Namespace,
    readonly hosts: Namespace,
    readonly keys: Keys,
  ) {}

  static async create(): Promise<Network> {
    sweep();
    const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
    chmodSync(folder, 0o755);
    const network = new Network(await Namespace.create(), await Namespace.create(), await makeKeys(folder));
    const { client, hosts } = network;
    await client.run("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", hosts.pid);
    await client.run("ip", "address", "add", "10.0.0.1/16", "dev", "cable");
    for (const end of [client, hosts]) await end.run("ip", "link", "set", "cable", "up");
    await hosts.run("ip", "address", "add", `${network.nameServer}/16`, "dev", "cable");
    await hosts.run("nft", "-f", join(here, "network.nft"));
    return network;
  }

  /** The address of another host. */
  async address(): Promise<string> {
    this.#addresses += 1;
    const address = `10.0.1.${this.#addresses}`;
    await this.hosts.run("ip", "address", "add", `${address}/16`, "dev", "cable");
    return address;
  }

  /** Starts an sshd on hosts, with more lines of configuration. */
  async sshd(addresses: readonly string[], ...options: string[]): Promise<Sshd> {
    const server = await Sshd.start(this.hosts, this.keys, addresses, ...options);
    this.#servers.push(server);
    return server;
  }

  /** Starts `odd_servers.mjs` on a host. */
  odd(kind: string, address: string, ...args: string[]): void {
    this.#processes.push(spawnBound(this.hosts.within(process.execPath, join(here, "odd_servers.mjs"), kind, address, ...args)));
  }

  /** From now on this happens to the packets of the host. */
  async trouble(kind: Trouble, address: string): Promise<void> {
    await this.hosts.run("nft", "add", "element", "inet", "network", kind, `{ ${address} }`);
  }

  /** It no longer happens; throws where it didn't. */
  async mend(kind: Trouble, address: string): Promise<void> {
    await this.hosts.run("nft", "delete", "element", "inet", "network", kind, `{ ${address} }`);
  }

  /** Ends everything it started, and removes its files. */
  async close(): Promise<void> {
    await Promise.all([...this.#servers.map((server) => server.close()), ...this.#processes.map(end)]);
    await Promise.all([this.client.close(), this.hosts.close()]);
    rmSync(this.keys.folder, { recursive: true, force: true });
  }
}
