import { gunzipSync } from "node:zlib";
import { messageOf, ProofError } from "../core/error.ts";
import { type Packing, packingOf } from "./compression.ts";

/** Bytes that a module may have, packed and unpacked: ten times the largest that distributions ship. */
export const largestModule = 64 * 1024 * 1024;

// Both decoders are imported when they are needed: they hold their WASM as text.
type Unpacker = (bytes: Uint8Array, limit: number) => Promise<Uint8Array>;

/** Its dictionaries end at 64 MiB too. It checks CRC32 and CRC64, and knows no filter but LZMA2, the only one that kernel builds use. */
async function unpackXz(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  const { default: xz } = await import("xz-decompress");
  const reader = new xz.XzReadableStream(ReadableStream.from([bytes])).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length;
    if (size > limit) {
      // Its decoders take turns: the next one waits for this to be cancelled.
      await reader.cancel();
      throw new Error("too long");
    }
    chunks.push(next.value);
  }
  return Buffer.concat(chunks);
}

/** It answers every failure, too long an output and a wrong checksum among them, with no bytes. */
async function unpackZstd(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  const { ZSTDDecoder } = await import("zstddec");
  const zstd = new ZSTDDecoder();
  await zstd.init();
  const unpacked = zstd.decode(bytes, limit);
  if (unpacked.length === 0) throw new Error("truncated, damaged or too long");
  return unpacked;
}

const unpackers: Readonly<Record<Packing, Unpacker>> = {
  xz: unpackXz,
  zst: unpackZstd,
  gz: async (bytes, limit) => gunzipSync(bytes, { maxOutputLength: limit }),
};

/** A file without its compression, which its first bytes tell; others come back as they are. Throws a ProofError where it is damaged, truncated, or longer than `limit` bytes; `what` says there what it should be. */
export async function unpack(bytes: Uint8Array, limit: number, what: string): Promise<Uint8Array> {
  if (bytes.length > limit) throw new ProofError(`it is too large for a ${what}: ${bytes.length} bytes, the limit is ${limit}`);
  const packing = packingOf(bytes);
  if (packing === undefined) return bytes;
  try {
    return await unpackers[packing](bytes, limit);
  } catch (cause) {
    throw new ProofError(`its compression (${packing}) is damaged, or it unpacks to more than ${limit} bytes: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** A module file without its compression. Throws a ProofError as all that is unpacked does. */
export const unpackModule = (bytes: Uint8Array, limit = largestModule): Promise<Uint8Array> => unpack(bytes, limit, "module");
