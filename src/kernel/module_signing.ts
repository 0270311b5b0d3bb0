import { createPrivateKey, type KeyObject, sign, verify, X509Certificate } from "node:crypto";
import { ConfigError, messageOf, ProofError } from "../core/error.ts";
import { keyIdsOf, partsOf } from "./certificate.ts";
import { contentOf, inside, readDer } from "./der.ts";
import { integer, nothing, objectId, octetString, sequenceOf, setOf, tag, writeDer } from "./der_writer.ts";
import { readElf } from "./elf_sections.ts";
import { marker, pkcs7, readSignature, trailerSize } from "./module_signature.ts";

/** The digests that modules are signed over, as sign-file and modinfo name them. */
export type SigningDigest = "sha256" | "sha384" | "sha512";

/** A private key with the certificate that hosts have enrolled for it. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
  readonly digest: SigningDigest;
}

const oids = { data: "2a864886f70d010701", signedData: "2a864886f70d010702", rsa: "2a864886f70d010101" };
const digests: Readonly<Record<SigningDigest, { readonly digest: string; readonly ecdsa: string }>> = {
  sha256: { digest: "608648016503040201", ecdsa: "2a8648ce3d040302" },
  sha384: { digest: "608648016503040202", ecdsa: "2a8648ce3d040303" },
  sha512: { digest: "608648016503040203", ecdsa: "2a8648ce3d040304" },
};
const curves: readonly (string | undefined)[] = ["prime256v1", "secp384r1"];

const isSigningDigest = (name: string | undefined): name is SigningDigest => name !== undefined && Object.hasOwn(digests, name);

/** How a signature names the algorithm of such a key; undefined where no kernel verifies it. */
function keyAlgorithm({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, digest: SigningDigest): Uint8Array | undefined {
  if (asymmetricKeyType === "rsa") return sequenceOf(objectId(oids.rsa), nothing);
  const isKnown = asymmetricKeyType === "ec" && curves.includes(asymmetricKeyDetails?.namedCurve);
  return isKnown ? sequenceOf(objectId(digests[digest].ecdsa)) : undefined;
}

function readPrivateKey(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: "pem", ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    const advice = "give a private key in PEM, and its passphrase where it is encrypted";
    throw new ConfigError(`the signing key can't be read (${messageOf(cause)}): ${advice}`, undefined, { cause });
  }
}

function readCertificate(bytes: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch (cause) {
    const problem = `the signing certificate can't be read (${messageOf(cause)}): give an X.509 certificate in PEM or DER`;
    throw new ConfigError(problem, undefined, { cause });
  }
}

/** What signs modules, from a private key in PEM and its certificate in PEM or DER. Throws a ConfigError where they can't be read, don't belong together, or are of a kind that kernels don't verify. */
export function readSigningKey(
  keyPem: string,
  passphrase: string | undefined,
  certificate: Uint8Array,
  digest: SigningDigest = "sha512",
): SigningKey {
  const signing = { key: readPrivateKey(keyPem, passphrase), certificate: readCertificate(certificate), digest };
  if (keyAlgorithm(signing.key, digest) === undefined) {
    const kind = signing.key.asymmetricKeyDetails?.namedCurve ?? signing.key.asymmetricKeyType;
    throw new ConfigError(`the signing key is of a kind that kernels don't verify (${kind}): use RSA, or ECDSA with P-256 or P-384`);
  }
  if (signing.certificate.checkPrivateKey(signing.key)) return signing;
  const name = keyIdsOf(signing.certificate).commonName ?? "without a common name";
  throw new ConfigError(`the signing certificate (${name}) is of another key: give the certificate that was made for the signing key`);
}

/** SignedData of RFC 5652 as sign-file makes it: detached, with neither certificates nor signed attributes. */
function signedData(certificate: X509Certificate, digest: SigningDigest, signature: Uint8Array): Uint8Array {
  const { issuer, serial } = partsOf(certificate);
  const digestAlgorithm = sequenceOf(objectId(digests[digest].digest));
  const algorithm = keyAlgorithm(certificate.publicKey, digest) ?? nothing;
  const signer = sequenceOf(integer(1), sequenceOf(issuer, integer(...serial)), digestAlgorithm, algorithm, octetString(signature));
  const content = sequenceOf(integer(1), setOf(digestAlgorithm), sequenceOf(objectId(oids.data)), setOf(signer));
  return sequenceOf(objectId(oids.signedData), writeDer(tag.first, content));
}

/** What stands behind the bytes that were signed: the signature, struct module_signature, and the marker. */
function appendix(signature: Uint8Array): Buffer {
  const trailer = Buffer.alloc(trailerSize);
  trailer[2] = pkcs7;
  trailer.writeUInt32BE(signature.length, 8);
  return Buffer.concat([signature, trailer, marker]);
}

/** A module's bytes with a signature as the kernel's scripts/sign-file appends it, in place of those that it has. Throws a ProofError for what is no whole module. */
export function signModule(module: Uint8Array, { key, certificate, digest }: SigningKey): Uint8Array {
  const { end } = readElf(module);
  readSignature(module, end);
  const unsigned = module.subarray(0, end);
  return Buffer.concat([unsigned, appendix(signedData(certificate, digest, sign(digest, unsigned, key)))]);
}

function signatureValue(signature: Uint8Array): Uint8Array {
  const outer = inside(readDer(signature), 0, tag.sequence);
  const parts = inside(inside(outer, 1, tag.first), 0, tag.sequence);
  const signer = inside(inside(parts, parts.length - 1, tag.set), 0, tag.sequence);
  return contentOf(signer, 4, tag.octets);
}

function isLastSignatureBy(module: Uint8Array, certificate: X509Certificate): boolean {
  const digest = readSignature(module, readElf(module).end)?.digest;
  if (!isSigningDigest(digest) || keyAlgorithm(certificate.publicKey, digest) === undefined) return false;
  const end = module.length - marker.length - trailerSize;
  const start = end - new DataView(module.buffer, module.byteOffset + end, trailerSize).getUint32(8);
  const value = signatureValue(module.subarray(start, end));
  // Compared as a whole, since a signature covers neither its own frame nor the trailer.
  if (!appendix(signedData(certificate, digest, value)).equals(module.subarray(start))) return false;
  return verify(digest, module.subarray(0, start), certificate.publicKey, value);
}

/** Whether the last signature of a module, which the kernel checks, is one that sign-file makes with that certificate's key over exactly these bytes. False also for what is no module. */
export function isSignedBy(module: Uint8Array, certificate: X509Certificate): boolean {
  try {
    return isLastSignatureBy(module, certificate);
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}
