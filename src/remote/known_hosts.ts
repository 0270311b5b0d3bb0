import { createHmac } from "node:crypto";
import { type HostKey, hostKeyOf } from "./host_key.ts";

/** One line of a known_hosts file, as sshd(8) describes the format. */
export interface KnownHost {
  readonly marker?: "revoked" | "cert-authority";
  matches(name: string): boolean;
  readonly key: HostKey;
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
}

/** The lines that can be read; like ssh, passes over comments and lines it doesn't understand. */
export const parseKnownHosts = (text: string, file: string): readonly KnownHost[] =>
  text.split("\n").flatMap((content, index) => parseLine(content, file, index + 1) ?? []);

/** The name that known_hosts has for an address and port. */
export const knownHostName = (address: string, port: number): string => {
  const name = address.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
};

function parseLine(content: string, file: string, line: number): KnownHost | undefined {
  const fields = content.trim().split(/[ \t]+/);
  const mark = fields[0]?.startsWith("@") ? fields.shift() : undefined;
  const [names, type, base64] = fields;
  if (!names || names.startsWith("#") || !type || !base64) return undefined;
  const key = hostKeyOf(Buffer.from(base64, "base64"));
  const marker = mark === "@revoked" ? "revoked" : mark === "@cert-authority" ? "cert-authority" : undefined;
  if (key === undefined || key.type !== type || (mark !== undefined && marker === undefined)) return undefined;
  return { ...(marker && { marker }), matches: matcherOf(names), key, file, line };
}

function matcherOf(names: string): (name: string) => boolean {
  if (names.startsWith("|")) return hashMatcher(names);
  const patterns = names.toLowerCase().split(",").filter(Boolean).map(patternOf);
  return (name) =>
    patterns.some(({ isNegated, test }) => !isNegated && test(name)) && !patterns.some(({ isNegated, test }) => isNegated && test(name));
}

/** `|1|salt|hash`, both base64: HMAC-SHA1 of the name with the salt as its key. */
function hashMatcher(names: string): (name: string) => boolean {
  const [, version, salt = "", hash] = names.split("|");
  const key = Buffer.from(salt, "base64");
  return (name) => version === "1" && createHmac("sha1", key).update(name).digest("base64") === hash;
}

/** A pattern of `*` and `?`; brackets stand for themselves. */
function patternOf(text: string): { readonly isNegated: boolean; test(name: string): boolean } {
  const isNegated = text.startsWith("!");
  const pattern = isNegated ? text.slice(1) : text;
  if (!/[*?]/.test(pattern)) return { isNegated, test: (name) => name === pattern };
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`, "s");
  return { isNegated, test: (name) => expression.test(name) };
}
