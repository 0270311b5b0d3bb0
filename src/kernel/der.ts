import { ProofError } from "../core/error.ts";

/** One value of ASN.1 in its distinguished encoding (X.690). */
export interface DerValue {
  /** Class, form and number as the one byte that they are here: 0x30 is a sequence, 0xa0 what a context calls [0]. */
  readonly tag: number;
  readonly content: Uint8Array;
}

const damaged = (): ProofError => new ProofError("its signature is damaged: it is no DER");

function lengthAt(bytes: Uint8Array, at: number): { readonly length: number; readonly start: number } {
  const first = bytes[at] ?? 0xff;
  if (first < 0x80) return { length: first, start: at + 1 };
  const count = first - 0x80;
  if (count === 0 || count > 3 || at + 1 + count > bytes.length) throw damaged();
  return { length: Buffer.from(bytes.buffer, bytes.byteOffset).readUIntBE(at + 1, count), start: at + 1 + count };
}

/** The values that stand one after the other in some bytes. Throws a ProofError for anything else. */
export function readDer(bytes: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { length, start } = lengthAt(bytes, at + 1);
    if (start + length > bytes.length) throw damaged();
    values.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}

/** The values inside the one at `index`, which must have that tag. Throws a ProofError where there is none such. */
export function inside(values: readonly DerValue[], index: number, tag: number): readonly DerValue[] {
  return readDer(contentOf(values, index, tag));
}

/** The bytes of the value at `index`, which must have that tag. Throws a ProofError where there is none such. */
export function contentOf(values: readonly DerValue[], index: number, tag: number): Uint8Array {
  const value = values[index];
  if (value?.tag !== tag) throw damaged();
  return value.content;
}
