import { open, readFile, stat } from "node:fs/promises";
import pLimit from "p-limit";
import { KofleetError } from "../core/error.ts";
import type { Contents } from "../core/input.ts";
import { digestOf, digestOfFile } from "./digest.ts";

/** Bytes held in memory and files held by name, both by sha256. A file is read again when it is needed, and must be the same then. */
export function createContents(): Contents {
  const bytesOf = new Map<string, Uint8Array>();
  const pathOf = new Map<string, string>();
  const reading = pLimit(1);
  let room = Buffer.alloc(0);

  const find = (sha256: string): Uint8Array | string => {
    const found = bytesOf.get(sha256) ?? pathOf.get(sha256);
    if (found === undefined) throw new KofleetError(`no content with sha256 ${sha256} was ever added`);
    return found;
  };

  return {
    add(bytes) {
      const { sha256 } = digestOf(bytes);
      bytesOf.set(sha256, bytes);
      return sha256;
    },

    async addFile(path) {
      const digest = await digestOfFile(path);
      pathOf.set(digest.sha256, path);
      return digest;
    },

    async open(sha256) {
      const found = find(sha256);
      return typeof found === "string" ? unchanged(found, sha256, await readFile(found)) : found;
    },

    async look(sha256, see) {
      const found = find(sha256);
      if (typeof found !== "string") return see(found);
      return reading(async () => {
        const { size } = await stat(found);
        if (size > room.length) room = Buffer.allocUnsafeSlow(size);
        return see(unchanged(found, sha256, await readInto(room, found)));
      });
    },
  };
}

function unchanged(path: string, sha256: string, bytes: Uint8Array): Uint8Array {
  const found = digestOf(bytes).sha256;
  if (found === sha256) return bytes;
  throw new KofleetError(`${path} changed during the run: its sha256 was ${sha256} and is ${found}; start the run again`);
}

/** What of a file fits into the memory. */
async function readInto(room: Buffer, path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    for (let size = 0; ; ) {
      const { bytesRead } = await file.read(room, size, room.length - size);
      size += bytesRead;
      if (bytesRead === 0) return room.subarray(0, size);
    }
  } finally {
    await file.close();
  }
}
