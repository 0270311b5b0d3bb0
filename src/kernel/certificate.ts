import { createHash, type X509Certificate } from "node:crypto";
import { contentOf, inside, readDer } from "./der.ts";
import { tag, writeDer } from "./der_writer.ts";

/** The names by which signatures, /proc/keys and mokutil speak of one certificate, as lower-case hex without colons. */
export interface KeyIds {
  /** `keyId` of a signature. */
  readonly serial: string;
  readonly subjectKeyId: string | undefined;
  readonly fingerprints: { readonly sha1: string; readonly sha256: string };
  /** Not hex. */
  readonly commonName: string | undefined;
}

const subjectKeyIdExtension = "551d0e";
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

interface CertificateParts {
  readonly serial: Uint8Array;
  /** In DER. */
  readonly issuer: Uint8Array;
  readonly subjectKeyId: Uint8Array | undefined;
}

/** The parts of a certificate that signatures are made of, or named by. */
export function partsOf({ raw }: X509Certificate): CertificateParts {
  const fields = inside(inside(readDer(raw), 0, tag.sequence), 0, tag.sequence);
  const first = fields[0]?.tag === tag.first ? 1 : 0;
  const wrapped = fields.find((field) => field.tag === tag.extensions);
  const extensions = wrapped ? inside(readDer(wrapped.content), 0, tag.sequence).map(({ content }) => readDer(content)) : [];
  const extension = extensions.find((parts) => hex(contentOf(parts, 0, tag.object)) === subjectKeyIdExtension);
  return {
    serial: contentOf(fields, first, tag.integer),
    issuer: writeDer(tag.sequence, contentOf(fields, first + 2, tag.sequence)),
    subjectKeyId: extension && contentOf(inside(extension, extension.length - 1, tag.octets), 0, tag.octets),
  };
}

/** All names of a certificate. */
export function keyIdsOf(certificate: X509Certificate): KeyIds {
  const { serial, subjectKeyId } = partsOf(certificate);
  const fingerprint = (digest: string): string => createHash(digest).update(certificate.raw).digest("hex");
  return {
    serial: hex(serial),
    subjectKeyId: subjectKeyId && hex(subjectKeyId),
    fingerprints: { sha1: fingerprint("sha1"), sha256: fingerprint("sha256") },
    commonName: [certificate.toLegacyObject().subject.CN].flat()[0],
  };
}
