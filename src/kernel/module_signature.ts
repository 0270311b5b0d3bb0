import { ProofError } from "../core/error.ts";
import { checkLimit, mostSignatures } from "./module_limits.ts";
import { readSigner, type Signer } from "./pkcs7.ts";

/** Who signed a module, as `modinfo` shows it. */
export type ModuleSignature = Signer;

/** What ends a signed module. */
export const marker = Buffer.from("~Module signature appended~\n");
// struct module_signature: algorithm, hash, kind, lengths of signer and key id, three bytes of padding, length of the signature in big endian.
export const trailerSize = 12;
/** The kind of signature that kernels read since 4.3. */
export const pkcs7 = 2;
// Those of the kernel's own keys have less than 1 KiB, with certificates of a chain some more.
const largest = 0x10000;

interface Appended {
  readonly signature: Uint8Array;
  readonly start: number;
}

function lastSignature(bytes: Uint8Array): Appended | undefined {
  const end = bytes.length - marker.length;
  if (end < 0 || !marker.equals(bytes.subarray(end))) return undefined;
  const trailer = bytes.subarray(Math.max(0, end - trailerSize), end);
  if (trailer.length < trailerSize) throw new ProofError("its signature is damaged: nothing stands before the marker");
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailerSize);
  const size = view.getUint32(8);
  const start = end - trailerSize - size;
  if (start < 0 || size > largest) throw new ProofError(`its signature is damaged: it claims ${size} bytes of a file of ${bytes.length}`);
  if (trailer[2] !== pkcs7)
    throw new ProofError(`its signature is of a kind that no kernel since 4.3 reads (${trailer[2]}): sign it again`);
  return { signature: bytes.subarray(start, end - trailerSize), start };
}

/**
 * The signature that the kernel will check: the last of those appended behind `end`, where the ELF file ends. Undefined: it is not signed.
 * Throws a ProofError where a signature is damaged, there are more than anybody makes, or where something else follows the ELF file, as behind a truncated one.
 */
export function readSignature(bytes: Uint8Array, end: number): ModuleSignature | undefined {
  const last = lastSignature(bytes);
  let rest = last?.start ?? bytes.length;
  // Signing a signed module appends a second signature, over the first.
  for (let count = 2; rest > end; count += 1) {
    checkLimit("signatures", count, mostSignatures);
    const inner = lastSignature(bytes.subarray(0, rest));
    if (inner === undefined) break;
    rest = inner.start;
  }
  if (rest !== end) throw new ProofError(`it is truncated or damaged: ${rest - end} bytes behind its end at ${end} are no signature`);
  return last && readSigner(last.signature);
}
