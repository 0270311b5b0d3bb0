import { createHash } from "node:crypto";

/** A server's public key. */
export interface HostKey {
  /** As known_hosts spells it: "ssh-ed25519". */
  readonly type: string;
  /** The key's own bytes, as RFC 4253 section 6.6 lays them out. */
  readonly blob: Buffer;
}

/** Reads the type that stands at the start of every public key: four bytes of length, then the name. Undefined for garbage. */
export function hostKeyOf(blob: Buffer): HostKey | undefined {
  if (blob.length < 4) return undefined;
  const type = blob.toString("latin1", 4, 4 + blob.readUInt32BE(0));
  return /^[\w.@-]+$/.test(type) && blob.length > 4 + type.length ? { type, blob } : undefined;
}

/** As `ssh-keygen -l` prints it: "SHA256:" and unpadded base64. */
export const fingerprint = ({ blob }: HostKey): string => `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;

/** Whether two keys are one. */
export const isSameKey = (a: HostKey, b: HostKey): boolean => a.blob.equals(b.blob);
