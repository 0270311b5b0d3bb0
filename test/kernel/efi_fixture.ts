const numbers = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, 4 * index);
  });
  return bytes;
};

export const x509 = "a159c0a5e494a74a87b5ab155c2bf072";
/** EFI_CERT_SHA256_GUID. */
export const sha256 = "2616c4c14c509240aca941f936934328";
/** Of shim, which owns what mokutil asks for. */
const owner = "50ab5d6046e00043abb63dd810dd8b23";

/** A list of EFI signatures of one size, as mokutil writes one for each certificate. */
export function signatureList(...signatures: readonly Uint8Array[]): Buffer {
  return listOf(x509, ...signatures);
}

export function listOf(type: string, ...signatures: readonly Uint8Array[]): Buffer {
  const size = 16 + (signatures[0]?.length ?? 0);
  const body = signatures.map((signature) => Buffer.concat([Buffer.from(owner, "hex"), signature]));
  return Buffer.concat([Buffer.from(type, "hex"), numbers(28 + size * signatures.length, 0, size), ...body]);
}
