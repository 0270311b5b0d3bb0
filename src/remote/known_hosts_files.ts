import { readFile, stat } from "node:fs/promises";
import { ConnectError, messageOf } from "../core/error.ts";
import { entriesFor, judgeHostKey } from "./host_verdict.ts";
import { type KnownHost, parseKnownHosts } from "./known_hosts.ts";
import { appendKnownHosts, type KnownHostEntry } from "./known_hosts_append.ts";

interface Read {
  readonly version: string;
  readonly entries: readonly KnownHost[];
}

/** The known_hosts files of a process, read again only where they changed. */
export class KnownHostsFiles {
  readonly #read = new Map<string, Promise<Read>>();
  #writing: Promise<void> = Promise.resolve();

  /** The lines of all files; a file that is not there has none. Throws a ConnectError for one that can't be read. */
  async entries(files: readonly string[]): Promise<readonly KnownHost[]> {
    const all = await Promise.all(files.map((file) => this.#entriesOf(file)));
    return all.flat();
  }

  /** Adds a key that was not known, once, though several connections may bring it at a time. */
  learn(file: string, entry: KnownHostEntry): Promise<void> {
    const writing = this.#writing.then(() => this.#append(file, entry));
    this.#writing = writing.catch(() => undefined);
    return writing;
  }

  async #append(file: string, entry: KnownHostEntry): Promise<void> {
    const entries = entriesFor(await this.entries([file]), entry.address, entry.port);
    if (judgeHostKey(entries, entry.key).kind === "unknown") await appendKnownHosts(file, [entry]);
  }

  async #entriesOf(file: string): Promise<readonly KnownHost[]> {
    const version = await versionOf(file);
    const before = await this.#read.get(file);
    if (before?.version === version) return before.entries;
    const reading = read(file, version);
    this.#read.set(file, reading);
    return (await reading).entries;
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

async function versionOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    if (isMissing(error)) return "missing";
    throw unreadable(file, error);
  }
}

async function read(file: string, version: string): Promise<Read> {
  if (version === "missing") return { version, entries: [] };
  try {
    return { version, entries: parseKnownHosts(await readFile(file, "latin1"), file) };
  } catch (error) {
    throw unreadable(file, error);
  }
}

const unreadable = (file: string, cause: unknown): ConnectError =>
  new ConnectError("host-key", `cannot read the known hosts in ${file}: ${messageOf(cause)}`, { cause });
