import { readFile } from "node:fs/promises";
import { KofleetError } from "../core/error.ts";
import type { Contents } from "../core/input.ts";
import { digestOf, digestOfFile } from "./digest.ts";

/** Bytes held in memory and files held by name, both by sha256. A file is read again when it is needed, and must be the same then. */
export function createContents(): Contents {
  const bytesOf = new Map<string, Uint8Array>();
  const pathOf = new Map<string, string>();

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
      const bytes = bytesOf.get(sha256);
      if (bytes !== undefined) return bytes;
      const path = pathOf.get(sha256);
      if (path === undefined) throw new KofleetError(`no content with sha256 ${sha256} was ever added`);
      return readUnchanged(path, sha256);
    },
  };
}

async function readUnchanged(path: string, sha256: string): Promise<Uint8Array> {
  const bytes = await readFile(path);
  const found = digestOf(bytes).sha256;
  if (found === sha256) return bytes;
  throw new KofleetError(`${path} changed during the run: its sha256 was ${sha256} and is ${found}; start the run again`);
}
