import { createHmac, randomBytes } from "node:crypto";

/** A host name as `HashKnownHosts` keeps it: HMAC-SHA1 of the name with a salt of its own as key; 20 bytes each. */
export interface HashedName {
  readonly salt: Buffer;
  readonly digest: Buffer;
}

const hashBytes = 20;

/** Reads `|1|salt|digest`, both base64; undefined for anything else. */
export function parseHashedName(text: string): HashedName | undefined {
  const [, salt64, digest64] = /^\|1\|([\w+/=]+)\|([\w+/=]+)$/.exec(text) ?? [];
  if (salt64 === undefined || digest64 === undefined) return undefined;
  const [salt, digest] = [Buffer.from(salt64, "base64"), Buffer.from(digest64, "base64")];
  return salt.length === hashBytes && digest.length === hashBytes ? { salt, digest } : undefined;
}

/** A name as `|1|salt|digest`, with a salt nobody used before. */
export function hashName(name: string): string {
  const salt = randomBytes(hashBytes);
  return `|1|${salt.toString("base64")}|${hmac(salt, name).toString("base64")}`;
}

/** Whether a hashed name is this one: 2 µs, which ssh spends on every line as well, since each has its own salt. */
export const isHashOf = ({ salt, digest }: HashedName, name: string): boolean => hmac(salt, name).equals(digest);

const hmac = (salt: Buffer, name: string): Buffer => createHmac("sha1", salt).update(name).digest();
