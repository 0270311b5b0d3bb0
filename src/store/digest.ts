import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

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
