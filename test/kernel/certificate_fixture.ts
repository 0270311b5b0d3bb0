import { createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { integer, nothing, objectId, octetString, sequenceOf, setOf, tag, writeDer } from "../../src/kernel/der_writer.ts";

const attribute = (hex: string, text: string): Uint8Array => setOf(sequenceOf(objectId(hex), writeDer(0x0c, Buffer.from(text))));

const nameOf = (name: string): Uint8Array => sequenceOf(attribute("55040a", "Example Ltd"), attribute("550403", name));

const number = (hex: string): Uint8Array => integer(...Buffer.from(hex, "hex"));

/** A certificate's issuer and serial number, as signatures name it. */
export const issuedBy = (name: string, serial: string): Uint8Array => sequenceOf(nameOf(name), number(serial));

/** A key's identifier, as signatures name it. */
export const keyIdentifier = (hex: string): Uint8Array => writeDer(0x80, Buffer.from(hex, "hex"));

/** A detached PKCS#7 signature over a digest with this object identifier, in form such as sign-file makes it. Nothing is signed. */
export function pkcs7(signer: Uint8Array, digest = "608648016503040201"): Uint8Array {
  const algorithm = sequenceOf(objectId(digest));
  const info = sequenceOf(integer(1), signer, algorithm, sequenceOf(objectId("2a864886f70d010101")), octetString(new Uint8Array(256)));
  const content = sequenceOf(objectId("2a864886f70d010701"));
  const signed = sequenceOf(integer(1), setOf(algorithm), content, setOf(info));
  return sequenceOf(objectId("2a864886f70d010702"), writeDer(tag.first, signed));
}

/** A module with a signature behind it; `kind` 2 is PKCS#7. */
export function sign(module: Uint8Array, signature: Uint8Array, kind = 2, size = signature.length): Uint8Array {
  const trailer = Buffer.alloc(12);
  trailer[2] = kind;
  trailer.writeUInt32BE(size, 8);
  return Uint8Array.from([...module, ...signature, ...trailer, ...Buffer.from("~Module signature appended~\n")]);
}

interface CertificateOptions {
  readonly name?: string;
  /** Hex, as DER has it: a first byte from 80 on would make it negative. */
  readonly serial?: string;
  /** Hex; without one the certificate has no extensions, and is of version 1. */
  readonly subjectKeyId?: string;
}

const extensionsOf = (subjectKeyId: string): Uint8Array =>
  writeDer(
    tag.extensions,
    sequenceOf(
      sequenceOf(objectId("551d13"), writeDer(0x01, Uint8Array.of(0xff)), octetString(sequenceOf())),
      sequenceOf(objectId("551d0e"), octetString(octetString(Buffer.from(subjectKeyId, "hex")))),
    ),
  );

const date = (text: string): Uint8Array => writeDer(0x17, Buffer.from(text));

/** A certificate in DER, for a key and signed by it. */
export function selfSigned(
  key: KeyObject,
  { name = "Our fleet's key", serial = "01ff", subjectKeyId }: CertificateOptions = {},
): Uint8Array {
  const algorithm =
    key.asymmetricKeyType === "rsa" ? sequenceOf(objectId("2a864886f70d01010b"), nothing) : sequenceOf(objectId("2a8648ce3d040302"));
  const contents = sequenceOf(
    ...(subjectKeyId === undefined ? [] : [writeDer(tag.first, integer(2))]),
    number(serial),
    algorithm,
    nameOf(name),
    sequenceOf(date("200101000000Z"), date("491231235959Z")),
    nameOf(name),
    createPublicKey(key).export({ type: "spki", format: "der" }),
    ...(subjectKeyId === undefined ? [] : [extensionsOf(subjectKeyId)]),
  );
  return sequenceOf(contents, algorithm, writeDer(0x03, Uint8Array.of(0), signBytes("sha256", contents, key)));
}

/** A new private key. */
export const rsaKey = (): KeyObject => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

/** A new private key on that curve. */
export const ecKey = (namedCurve: string): KeyObject => generateKeyPairSync("ec", { namedCurve }).privateKey;

/** A private key in PEM, as PKCS#8. */
export const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
