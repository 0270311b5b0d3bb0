import { X509Certificate } from "node:crypto";
import { type KeyIds, keyIdsOf } from "./certificate.ts";

/** EFI_CERT_X509_GUID, a5c059a1-94e4-4aa7-87b5-ab155c2bf072, as it stands in memory. */
const x509 = "a159c0a5e494a74a87b5ab155c2bf072";
const listHeader = 28;
const owner = 16;

/** The signatures of one list, each behind the GUID of its owner; undefined: their sizes don't fill the list. */
function signaturesIn(list: Buffer): readonly Buffer[] | undefined {
  const [headerSize, size] = [list.readUInt32LE(20), list.readUInt32LE(24)];
  const body = list.subarray(listHeader + headerSize);
  if (size <= owner || listHeader + headerSize > list.length || body.length % size !== 0) return undefined;
  return Array.from({ length: body.length / size }, (_, index) => body.subarray(index * size + owner, (index + 1) * size));
}

function keyIdsIn(der: Uint8Array): KeyIds | undefined {
  try {
    return keyIdsOf(new X509Certificate(der));
  } catch {
    return undefined;
  }
}

/**
 * The certificates in lists of EFI signatures, as `db` and shim's `MokNew` are (EFI_SIGNATURE_LIST, UEFI 2.10, 32.4.1): type,
 * sizes of list, header and signature, all little endian. Hashes are passed over. Undefined: they are damaged.
 */
export function efiCertificates(lists: Uint8Array): readonly KeyIds[] | undefined {
  const bytes = Buffer.from(lists.buffer, lists.byteOffset, lists.byteLength);
  const found: (KeyIds | undefined)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = at + listHeader <= bytes.length ? bytes.readUInt32LE(at + 16) : 0;
    if (size < listHeader || at + size > bytes.length) return undefined;
    const signatures = signaturesIn(bytes.subarray(at, at + size));
    if (signatures === undefined) return undefined;
    if (bytes.subarray(at, at + 16).toString("hex") === x509) found.push(...signatures.map(keyIdsIn));
    at += size;
  }
  const known = found.filter((ids) => ids !== undefined);
  return known.length === found.length ? known : undefined;
}
