import { readFile, stat } from "node:fs/promises";
import { ConnectError, messageOf } from "../core/error.ts";
import { type KnownHost, parseKnownHosts } from "./known_hosts.ts";
import { additionsTo, type NewKnownHost } from "./known_hosts_additions.ts";
import { appendKnownHosts } from "./known_hosts_append.ts";
import { NameIndex } from "./name_index.ts";

const missing = "missing";
const lineEnd = 0x0a;

/** A known_hosts file, read again where it changed; one that is not there has no lines. Throws ConnectErrors of reason "host-key". */
export class KnownHostsFile {
  #version = missing;
  #bytes: Buffer = Buffer.alloc(0);
  #nextLine = 1;
  #parts: readonly NameIndex<KnownHost>[] = [];
  #unread: readonly number[] = [];
  #reading: Promise<void> | undefined;
  #pending: NewKnownHost[] = [];
  #writing: Promise<unknown> = Promise.resolve();
  #nextWrite: Promise<ReadonlyMap<NewKnownHost, string>> | undefined;

  constructor(readonly path: string) {}

  /** The lines about a name. */
  async about(name: string): Promise<readonly KnownHost[]> {
    await this.#refresh();
    return this.#parts.flatMap((part) => part.about(name));
  }

  /** The numbers of lines that can't be read. */
  async unread(): Promise<readonly number[]> {
    await this.#refresh();
    return this.#unread;
  }

  /** Adds a key, once, though many connections may bring it at a time: those that come during one write share the next. */
  async add(entry: NewKnownHost): Promise<void> {
    this.#pending.push(entry);
    this.#nextWrite ??= this.#writing.then(() => this.#write());
    this.#writing = this.#nextWrite.catch(() => undefined);
    const refusal = (await this.#nextWrite).get(entry);
    if (refusal === undefined) return;
    throw new ConnectError("host-key", `${entry.host.address}:${entry.host.port} shows a host key that was new a moment ago: ${refusal}`);
  }

  async #write(): Promise<ReadonlyMap<NewKnownHost, string>> {
    const entries = this.#pending;
    this.#pending = [];
    this.#nextWrite = undefined;
    await this.#reading; // it may have begun before the last write
    await this.#refresh();
    const { lines, refusals } = additionsTo(this.path, this.#parts, entries);
    if (lines.length > 0) await appendKnownHosts(this.path, lines).catch((cause: unknown) => this.#fail("keep a new host key in", cause));
    return refusals;
  }

  #refresh(): Promise<void> {
    this.#reading ??= this.#read()
      .catch((cause: unknown) => this.#fail("read the known hosts in", cause))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const version = await versionOf(this.path);
    if (version === this.#version) return;
    this.#take(version === missing ? Buffer.alloc(0) : await readFile(this.path));
    this.#version = version;
  }

  /** Files mostly grow at their end: then only what is new is parsed. */
  #take(bytes: Buffer): void {
    const before = this.#bytes;
    const hasGrown = before.at(-1) === lineEnd && bytes.subarray(0, before.length).equals(before);
    const text = bytes.toString("utf8", hasGrown ? before.length : 0);
    const from = hasGrown ? this.#nextLine : 1;
    const { lines, unread } = parseKnownHosts(text, this.path, from);
    this.#parts = [...(hasGrown ? this.#parts : []), new NameIndex(lines)];
    this.#unread = [...(hasGrown ? this.#unread : []), ...unread];
    this.#bytes = bytes;
    this.#nextLine = from + text.split("\n").length - 1;
  }

  #fail(attempt: string, cause: unknown): never {
    throw new ConnectError("host-key", `cannot ${attempt} ${this.path}: ${messageOf(cause)}`, { cause });
  }
}

async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return missing;
    throw error;
  }
}
