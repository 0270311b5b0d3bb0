import { type HashedName, parseHashedName } from "./hashed_names.ts";
import { wildcard } from "./wildcard.ts";

/** What a host is called where keys are kept. An alias stands for it whatever its address and port: OpenSSH's HostKeyAlias. */
export interface NamedHost {
  readonly address: string;
  readonly port: number;
  readonly hostKeyAlias?: string;
}

/** The name that known_hosts has for a host. */
export function knownHostName({ address, port, hostKeyAlias }: NamedHost): string {
  const name = (hostKeyAlias ?? address).toLowerCase();
  return port === 22 || hostKeyAlias !== undefined ? name : `[${name}]:${port}`;
}

/** The name without the port, to which ssh falls back; undefined where there is no other than the host's own. */
export function portlessName(host: NamedHost): string | undefined {
  const name = knownHostName({ ...host, port: 22 });
  return name === knownHostName(host) ? undefined : name;
}

/** The first field of a line: names as they are, patterns, or one hashed name. */
export type HostNames =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "patterns"; readonly patterns: readonly HostPattern[] }
  | { readonly kind: "hashed"; readonly name: HashedName };

interface HostPattern {
  readonly isNegated: boolean;
  fits(name: string): boolean;
}

/** Reads the first field of a line; undefined for a hash of another kind than |1|. */
export function parseHostNames(text: string): HostNames | undefined {
  if (text.startsWith("|")) {
    const name = parseHashedName(text);
    return name && { kind: "hashed", name };
  }
  const names = text.toLowerCase().split(",").filter(Boolean);
  return /[*?!]/.test(text) ? { kind: "patterns", patterns: names.map(patternOf) } : { kind: "names", names };
}

/** Whether patterns take a name in: one of them does, and none with a `!` does. */
export const isMatch = (patterns: readonly HostPattern[], name: string): boolean =>
  patterns.some(({ isNegated, fits }) => !isNegated && fits(name)) && !patterns.some(({ isNegated, fits }) => isNegated && fits(name));

function patternOf(text: string): HostPattern {
  const isNegated = text.startsWith("!");
  return { isNegated, fits: wildcard(isNegated ? text.slice(1) : text) };
}
