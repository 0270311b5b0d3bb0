import type { HostKey } from "./host_key.ts";
import { knownHostName, type NamedHost, portlessName } from "./host_names.ts";
import type { HostEntries } from "./host_verdict.ts";
import { KnownHostsFile } from "./known_hosts_file.ts";

/** A host, and the files that may know it; new keys go into the first. */
export interface FiledHost extends NamedHost {
  readonly knownHostsFiles: readonly string[];
}

/** The known_hosts files of a process. Throws ConnectErrors of reason "host-key" where one can't be read or written. */
export class KnownHostsFiles {
  readonly #files = new Map<string, KnownHostsFile>();

  /** What all files of a host have about it. */
  async about(host: FiledHost): Promise<HostEntries> {
    const portless = portlessName(host);
    return {
      named: await this.#linesAbout(host.knownHostsFiles, knownHostName(host)),
      portless: portless === undefined ? [] : await this.#linesAbout(host.knownHostsFiles, portless),
    };
  }

  /** Adds a key that was not known; where a host has no file, nothing is remembered. */
  async learn(host: FiledHost, key: HostKey): Promise<void> {
    const [first] = host.knownHostsFiles;
    if (first !== undefined) await this.#file(first).add({ host, key });
  }

  /** The lines of a file that can't be read, by their numbers. */
  unread(path: string): Promise<readonly number[]> {
    return this.#file(path).unread();
  }

  async #linesAbout(paths: readonly string[], name: string) {
    const lines = await Promise.all(paths.map((path) => this.#file(path).about(name)));
    return lines.flat();
  }

  #file(path: string): KnownHostsFile {
    const file = this.#files.get(path) ?? new KnownHostsFile(path);
    this.#files.set(path, file);
    return file;
  }
}
