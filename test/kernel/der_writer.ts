/** One DER value; contents that are several values are put one after the other. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Uint8Array.from([tag, ...length, ...content]);
}

const object = (hex: string): Uint8Array => der(0x06, Buffer.from(hex, "hex"));
const attribute = (hex: string, text: string): Uint8Array => der(0x31, der(0x30, object(hex), der(0x0c, Buffer.from(text))));

/** A certificate's issuer and serial number, as signatures name it. */
export const issuedBy = (name: string, serial: string): Uint8Array =>
  der(0x30, der(0x30, attribute("55040a", "Example Ltd"), attribute("550403", name)), der(0x02, Buffer.from(serial, "hex")));

/** A key's identifier, as signatures name it. */
export const keyIdentifier = (hex: string): Uint8Array => der(0x80, Buffer.from(hex, "hex"));

/** A detached PKCS#7 signature over a digest with this object identifier, such as the kernel's sign-file makes. */
export function pkcs7(signer: Uint8Array, digest = "608648016503040201"): Uint8Array {
  const algorithm = der(0x30, object(digest));
  const info = der(
    0x30,
    der(0x02, Uint8Array.of(1)),
    signer,
    algorithm,
    der(0x30, object("2a864886f70d010101")),
    der(0x04, new Uint8Array(256)),
  );
  const content = der(0x30, object("2a864886f70d010701"));
  const signed = der(0x30, der(0x02, Uint8Array.of(1)), der(0x31, algorithm), content, der(0x31, info));
  return der(0x30, object("2a864886f70d010702"), der(0xa0, signed));
}

/** A module with a signature behind it; `kind` 2 is PKCS#7. */
export function sign(module: Uint8Array, signature: Uint8Array, kind = 2, size = signature.length): Uint8Array {
  const trailer = Buffer.alloc(12);
  trailer[2] = kind;
  trailer.writeUInt32BE(size, 8);
  return Uint8Array.from([...module, ...signature, ...trailer, ...Buffer.from("~Module signature appended~\n")]);
}
