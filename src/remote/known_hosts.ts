import { type HostKey, hostKeyOf } from "./host_key.ts";
import { type HostNames, knownHostName, type NamedHost, parseHostNames } from "./host_names.ts";
import { quote } from "./shell.ts";

/** One line of a known_hosts file, as sshd(8) describes the format. */
export interface KnownHost {
  readonly marker?: "revoked" | "cert-authority";
  readonly names: HostNames;
  readonly key: HostKey;
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
}

/** A text in the format of known_hosts. */
export interface KnownHostsText {
  readonly lines: readonly KnownHost[];
  /** The numbers of lines that can't be read: like ssh, kofleet passes over them. */
  readonly unread: readonly number[];
}

/** Reads a text whose first line has the number `from` in its file. */
export function parseKnownHosts(text: string, file: string, from = 1): KnownHostsText {
  const lines: KnownHost[] = [];
  const unread: number[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const fields = content.trim();
    if (fields === "" || fields.startsWith("#")) continue;
    const line = parseLine(fields, file, from + index);
    if (line) lines.push(line);
    else unread.push(from + index);
  }
  return { lines, unread };
}

/** "file:line" of a line. */
export const placeOfLine = ({ file, line }: Pick<KnownHost, "file" | "line">): string => `${file}:${line}`;

/** The command with which a person gets rid of what a file knows of a host. */
export const removalOf = ({ file }: Pick<KnownHost, "file">, host: NamedHost): string =>
  quote(["ssh-keygen", "-f", file, "-R", knownHostName(host)]);

const markers: Readonly<Record<string, KnownHost["marker"]>> = { "@revoked": "revoked", "@cert-authority": "cert-authority" };

function parseLine(content: string, file: string, line: number): KnownHost | undefined {
  const fields = content.split(/[ \t]+/);
  const mark = fields[0]?.startsWith("@") ? fields.shift() : undefined;
  const [first = "", type, base64 = ""] = fields;
  const marker = mark === undefined ? undefined : markers[mark];
  const names = parseHostNames(first);
  const key = isBase64(base64) ? hostKeyOf(Buffer.from(base64, "base64")) : undefined;
  if (names === undefined || key === undefined || key.type !== type || (mark !== undefined && marker === undefined)) return undefined;
  return { ...(marker && { marker }), names, key, file, line };
}

/** Node passes over what is no base64, ssh over the line. */
const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
