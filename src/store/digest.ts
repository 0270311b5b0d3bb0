import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";

/** What identifies bytes: sha256 in hex, and their number. */
export interface Digest {
  readonly sha256: string;
  readonly size: number;
}

/** The digest of bytes in memory. */
export const digestOf = (bytes: Uint8Array): Digest => ({
  sha256: createHash("sha256").update(bytes).digest("hex"),
  size: bytes.length,
});

/** Those of files that were read, as they were then. */
const digests = new Map<string, Promise<Digest>>();

/** The digest of a file: it is read once in a process for as long as it stays what it is. */
export async function digestOfFile(path: string): Promise<Digest> {
  const version = await versionOf(path);
  const digest = digests.get(version) ?? readDigest(path);
  digests.set(version, digest);
  return digest;
}

/** Reads all pieces into the same memory: a fleet's modules are gigabytes. */
async function readDigest(path: string): Promise<Digest> {
  const hash = createHash("sha256");
  const room = Buffer.allocUnsafeSlow(2 ** 18);
  const file = await open(path);
  try {
    for (let size = 0; ; ) {
      const { bytesRead } = await file.read(room);
      if (bytesRead === 0) return { sha256: hash.digest("hex"), size };
      hash.update(room.subarray(0, bytesRead));
      size += bytesRead;
    }
  } finally {
    await file.close();
  }
}

async function versionOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
