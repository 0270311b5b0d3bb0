import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

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

/** The digest of a file, read in pieces. */
export async function digestOfFile(path: string): Promise<Digest> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const piece of createReadStream(path)) {
    hash.update(piece);
    size += piece.length;
  }
  return { sha256: hash.digest("hex"), size };
}

/** Digests of files, each computed once for as long as the file stays what it is. */
export function rememberedDigests(): (path: string) => Promise<Digest> {
  const digests = new Map<string, Promise<Digest>>();
  return async (path) => {
    const version = await versionOf(path);
    const digest = digests.get(version) ?? digestOfFile(path);
    digests.set(version, digest);
    return digest;
  };
}

async function versionOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [path, dev, ino, size, mtimeNs, ctimeNs].join(" ");
}
