import type { Algorithms, ServerHostKeyAlgorithm } from "ssh2";

/** Strongest first. No ssh-rsa: its signatures are SHA-1. */
export const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** The type of key, as known_hosts spells it, that an algorithm signs with. */
export const keyTypeOf = (algorithm: string): string => (algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm);

/** The types of key that a server may be asked for, strongest first. */
export const hostKeyTypes: readonly string[] = [...new Set(hostKeyAlgorithms.map(keyTypeOf))];

/** The algorithms of a connection: those of key types known for the host come first, lest a server with several keys shows another. */
export function algorithmsFor(knownTypes: ReadonlySet<string>): Algorithms {
  const isKnown = (algorithm: string) => knownTypes.has(keyTypeOf(algorithm));
  return {
    serverHostKey: [...hostKeyAlgorithms.filter(isKnown), ...hostKeyAlgorithms.filter((algorithm) => !isKnown(algorithm))],
    hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
  };
}
