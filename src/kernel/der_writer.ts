/** The tags of what certificates and signatures hold; `first` is what a context calls [0]. */
export const tag = {
  integer: 0x02,
  octets: 0x04,
  none: 0x05,
  object: 0x06,
  sequence: 0x30,
  set: 0x31,
  first: 0xa0,
  extensions: 0xa3,
} as const;

function lengthBytes(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return Uint8Array.of(0x80 + bytes.length, ...bytes);
}

/** One value of ASN.1 in its distinguished encoding (X.690); contents that are several values are put one after the other. */
export function writeDer(kind: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(kind), lengthBytes(content.length), content]);
}

/** A SEQUENCE of values. */
export const sequenceOf = (...values: readonly Uint8Array[]): Uint8Array => writeDer(tag.sequence, ...values);

/** A SET of values, which the caller has put in their order. */
export const setOf = (...values: readonly Uint8Array[]): Uint8Array => writeDer(tag.set, ...values);

/** An INTEGER from its bytes in two's complement, of which there are no more than it takes. */
export const integer = (...bytes: readonly number[]): Uint8Array => writeDer(tag.integer, Uint8Array.from(bytes));

/** An OBJECT IDENTIFIER from its encoding in hex. */
export const objectId = (hex: string): Uint8Array => writeDer(tag.object, Buffer.from(hex, "hex"));

/** An OCTET STRING. */
export const octetString = (bytes: Uint8Array): Uint8Array => writeDer(tag.octets, bytes);

/** What stands where parameters are none. */
export const nothing = writeDer(tag.none);
