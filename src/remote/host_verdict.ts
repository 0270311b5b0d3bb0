import { type HostKey, isSameKey } from "./host_key.ts";
import type { KnownHost } from "./known_hosts.ts";

/** What known_hosts says of a key that a host showed. */
export type HostVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "unknown" }
  /** Another key is known for the host. */
  | { readonly kind: "changed"; readonly entry: KnownHost }
  | { readonly kind: "revoked"; readonly entry: KnownHost }
  /** Only certificates of an authority would be believed, and those can't be checked here. */
  | { readonly kind: "authority"; readonly entry: KnownHost };

/** The lines about one host: those for its name with the port, and, as ssh falls back to, those for its name alone. */
export interface HostEntries {
  readonly named: readonly KnownHost[];
  readonly portless: readonly KnownHost[];
}

/** Judges a key. A revoked line counts before all others; a line without the port can confirm a key but not contradict it. */
export function judgeHostKey({ named, portless }: HostEntries, key: HostKey): HostVerdict {
  const same = [...named, ...portless].filter((entry) => isSameKey(entry.key, key));
  const revoked = same.find(({ marker }) => marker === "revoked");
  if (revoked) return { kind: "revoked", entry: revoked };
  if (same.some(({ marker }) => marker === undefined)) return { kind: "known" };
  const plain = named.filter(({ marker }) => marker === undefined);
  const other = plain.find(({ key: { type } }) => type === key.type) ?? plain[0];
  if (other) return { kind: "changed", entry: other };
  const authority = named.find(({ marker }) => marker === "cert-authority");
  return authority ? { kind: "authority", entry: authority } : { kind: "unknown" };
}
