import { ProofError } from "../core/error.ts";
import { contentOf, type DerValue, inside, readDer } from "./der.ts";

/** Whose signature it is, and over which digest. */
export interface Signer {
  /** Common name of who issued the signing certificate; for the kernel's own keys that is the signer. Absent where the key is named by its identifier. */
  readonly signer?: string;
  /** The certificate's serial number, or the key's identifier, as lower-case hex without colons: `sig_key` of modinfo, which leaves a leading 00 out. */
  readonly keyId: string;
  /** "sha256"; for others than the SHA-2 and SHA-3 families the dotted object identifier, in hex. */
  readonly digest: string;
}

const tag = { integer: 0x02, object: 0x06, sequence: 0x30, set: 0x31, first: 0xa0, keyIdentifier: 0x80 } as const;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const signedData = "2a864886f70d010702";
const commonName = "550403";
const digests: Readonly<Record<string, string>> = {
  "2b0e03021a": "sha1",
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
  "608648016503040204": "sha224",
  "608648016503040208": "sha3-256",
  "608648016503040209": "sha3-384",
  "60864801650304020a": "sha3-512",
};

function commonNameOf(name: readonly DerValue[]): string | undefined {
  const attributes = name.flatMap((_, at) => inside(name, at, tag.set)).map(({ content }) => readDer(content));
  const found = attributes.find((attribute) => hex(contentOf(attribute, 0, tag.object)) === commonName);
  return found?.[1] && Buffer.from(found[1].content).toString("utf8");
}

function identityOf(identifier: DerValue | undefined): Pick<Signer, "signer" | "keyId"> {
  if (identifier?.tag === tag.keyIdentifier) return { keyId: hex(identifier.content) };
  const parts = inside(identifier === undefined ? [] : [identifier], 0, tag.sequence);
  const signer = commonNameOf(inside(parts, 0, tag.sequence));
  return { ...(signer !== undefined && { signer }), keyId: hex(contentOf(parts, 1, tag.integer)) };
}

/** The first signer of a detached PKCS#7 signature (RFC 5652, SignedData). Throws a ProofError where it is none. */
export function readSigner(signature: Uint8Array): Signer {
  const outer = inside(readDer(signature), 0, tag.sequence);
  if (hex(contentOf(outer, 0, tag.object)) !== signedData) throw new ProofError("its signature is damaged: it is no PKCS#7 signed data");
  const parts = inside(inside(outer, 1, tag.first), 0, tag.sequence);
  const signers = inside(parts, parts.length - 1, tag.set);
  const signer = inside(signers, 0, tag.sequence);
  const digest = hex(contentOf(inside(signer, 2, tag.sequence), 0, tag.object));
  return { ...identityOf(signer[1]), digest: digests[digest] ?? digest };
}
