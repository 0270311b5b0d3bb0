import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TimedEvent } from "../../src/core/event.ts";
import { type Ended, Kofleet } from "../e2e/kofleet.ts";
import { bound } from "./namespace.ts";
import type { Network } from "./network.ts";
import { user } from "./sshd.ts";

/** Hosts by their names, with the variables that they have beside those that all have. */
export type Hosts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What a play said of one host. */
export interface Seen {
  readonly verdict: string;
  /** Such as "refused: cannot reach …". */
  readonly reason: string;
  /** From the start of the play to its last word on this host. */
  readonly seconds: number;
}

const root = join(import.meta.dirname, "../..");

/** From its source, so that no stale build is tested. */
const fromSource = [process.execPath, "--import", import.meta.resolve("jiti/register"), join(root, "src/cli.ts")];

/** kofleet as users run it, on the client's side of a network. */
export class Program {
  readonly #kofleet: Kofleet;
  #files = 0;

  constructor(private readonly network: Network) {
    const file = join(network.keys.folder, "resolv.conf");
    writeFileSync(file, `nameserver ${network.nameServer}\n`);
    const named = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', file];
    this.#kofleet = new Kofleet(bound(network.client.within(...named, ...fromSource)));
  }

  /** Writes a file beside it, of its own however often the name is used, and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    this.#files += 1;
    const file = join(this.#kofleet.home, `${this.#files}-${name}`);
    writeFileSync(file, content);
    return file;
  }

  /** Runs it over hosts: the words behind the inventory's option. */
  run(hosts: Hosts, words: readonly string[], onText?: (text: string) => void): Promise<Ended> {
    return this.#kofleet.run([...words.slice(0, 2), "-i", this.#inventory(hosts), ...words.slice(2)], onText);
  }

  /** Plays tasks, and tells what came of each host and when. */
  async play(
    hosts: Hosts,
    tasks: string,
    options: readonly string[] = [],
    onText?: (text: string) => void,
  ): Promise<{ readonly seen: Readonly<Record<string, Seen>>; readonly ended: Ended }> {
    const file = this.write("play.yaml", `- hosts: all\n  tasks:\n${tasks}`);
    const ended = await this.run(hosts, ["play", file, "--json", ...options], onText);
    return { ended, seen: seenIn(ended.stdout) };
  }

  remove(): void {
    this.#kofleet.remove();
  }

  #inventory(hosts: Hosts): string {
    const { key, hostKey, folder } = this.network.keys;
    writeFileSync(join(folder, "known_hosts"), `* ${hostKey}\n`);
    const vars = { ansible_user: user, ansible_ssh_private_key_file: key, known_hosts: [join(folder, "known_hosts")] };
    return this.write("inventory.yaml", JSON.stringify({ all: { vars, hosts } }));
  }
}

function seenIn(stdout: string): Readonly<Record<string, Seen>> {
  const events = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TimedEvent);
  const started = Date.parse(events.find(({ type }) => type === "play-started")?.at ?? "");
  return Object.fromEntries(
    events.flatMap((event) => {
      if (event.type !== "task-finished") return [];
      const { verdict, reason = "" } = event.outcome;
      return [[event.host, { verdict, reason, seconds: (Date.parse(event.at) - started) / 1000 }]];
    }),
  );
}
