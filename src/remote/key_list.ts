import { readFile } from "node:fs/promises";
import { ConfigError, messageOf } from "../core/error.ts";
import { fingerprint, type HostKey } from "./host_key.ts";
import { type HostNames, knownHostName, type NamedHost, parseHostNames, portlessName } from "./host_names.ts";
import { parseKnownHosts } from "./known_hosts.ts";
import { NameIndex } from "./name_index.ts";

/** A key that somebody vouches for, or has revoked. */
export interface ListedKey {
  readonly names: HostNames;
  readonly fingerprint: string;
  /** What ssh-keygen calls its type: "ED25519"; absent where the line does not say. */
  readonly title?: string;
  readonly isRevoked: boolean;
  readonly file: string;
  readonly line: number;
}

/** What ssh-keygen calls a type of key. */
export const keyTitle = (type: string): string =>
  (/^(?:ssh-|ecdsa-)(ed25519|rsa|sha2)/.exec(type)?.[1] ?? type).replace("sha2", "ecdsa").toUpperCase();

/** Keys from elsewhere, to compare with what hosts show. */
export class KeyList {
  readonly #index: NameIndex<ListedKey>;

  constructor(keys: readonly ListedKey[]) {
    this.#index = new NameIndex(keys);
  }

  /** The keys listed for a host: under its name in known_hosts or in the inventory; where there are none, under its name without the port. */
  about(host: NamedHost & { readonly name: string }): readonly ListedKey[] {
    const own = [...new Set([knownHostName(host), host.name.toLowerCase()])].flatMap((name) => this.#index.about(name));
    const portless = portlessName(host);
    return own.length > 0 || portless === undefined ? [...new Set(own)] : this.#index.about(portless);
  }
}

/** Reads a list of keys. Throws a ConfigError. */
export async function readKeyList(file: string): Promise<KeyList> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new ConfigError(`cannot read the list of host keys in ${file}: ${messageOf(cause)}`, undefined, { cause });
  });
  return new KeyList(text.split("\n").flatMap((content, index) => parseLine(content.trim(), file, index + 1)));
}

/** Lines of known_hosts, of `ssh-keygen -l`, and a host's name with a fingerprint. Throws a ConfigError for any other. */
function parseLine(content: string, file: string, line: number): readonly ListedKey[] {
  if (content === "" || content.startsWith("#")) return [];
  const [known] = parseKnownHosts(content, file, line).lines;
  if (known?.marker === "cert-authority") return [];
  if (known) return [{ ...known, ...titled(known.key), isRevoked: known.marker === "revoked" }];
  const { names, ...listed } = parseFingerprint(content);
  const read = names === undefined ? undefined : parseHostNames(names);
  if (read === undefined || listed.fingerprint === undefined) throw new ConfigError(problemOf(content), { file, line, column: 1 });
  return [{ ...listed, fingerprint: listed.fingerprint, names: read, isRevoked: false, file, line }];
}

const titled = (key: HostKey) => ({ fingerprint: fingerprint(key), title: keyTitle(key.type) });

const digest = "SHA256:[A-Za-z0-9+/]{43}";
/** `ssh-keygen -l -f`: bits, fingerprint, comment, type. The comment of a host's own key is "root@HOST". */
const fileLine = new RegExp(`^\\d+ (${digest})=? (?:[^\\s@]+@)?(\\S+) \\(([A-Z0-9-]+)\\)$`);
/** `ssh-keygen -l -F`, or by hand: host, type or nothing, fingerprint. */
const hostLine = new RegExp(`^(\\S+)(?:\\s+([A-Z0-9-]+))?\\s+(${digest})=?$`);

interface Fingerprint {
  readonly names?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly title?: string;
}

function parseFingerprint(content: string): Fingerprint {
  const [isFile, shown, comment, type] = fileLine.exec(content) ?? [];
  if (isFile !== undefined) return { names: comment, fingerprint: shown, ...(type !== undefined && { title: type }) };
  const [, host, title, named] = hostLine.exec(content) ?? [];
  return { names: host, fingerprint: named, ...(title !== undefined && { title }) };
}

const problemOf = (content: string): string =>
  /\bMD5:|(?:[0-9a-f]{2}:){15}/i.test(content)
    ? "MD5 fingerprints prove nothing: list the keys with ssh-keygen -l -E sha256"
    : 'expected a line of known_hosts, of "ssh-keygen -l", or "HOST SHA256:…"';
