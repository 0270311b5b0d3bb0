import { createHash } from "node:crypto";

/** A server's public key. */
export interface HostKey {
  /** As known_hosts spells it: "ssh-ed25519". */
  readonly type: string;
  /** The key's own bytes, as RFC 4253 section 6.6 lays them out. */
  readonly blob: Buffer;
}

/** Reads a public key: its type, then its numbers, each behind four bytes of length, and nothing else. Undefined for garbage, and for a key that was cut short. */
export function hostKeyOf(blob: Buffer): HostKey | undefined {
  const [first, second] = fieldsOf(blob) ?? [];
  const type = first?.toString("latin1") ?? "";
  return second !== undefined && /^[\w.@-]+$/.test(type) ? { type, blob } : undefined;
}

function fieldsOf(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return at === blob.length ? fields : undefined;
}

/** As `ssh-keygen -l` prints it: "SHA256:" and unpadded base64. */
export const fingerprint = ({ blob }: HostKey): string => `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;

/** Whether two keys are one. */
export const isSameKey = (a: HostKey, b: HostKey): boolean => a.blob.equals(b.blob);
