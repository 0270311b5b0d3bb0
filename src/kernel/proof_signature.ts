import type { ModuleInfo } from "./module_info.ts";
import type { ModuleSignature } from "./module_signature.ts";
import type { Evidence, Proof } from "./proof.ts";

/** A certificate that we hold, by its two names in hex: signatures use the first, hosts show the second where there is one. */
export interface KnownCertificate {
  readonly serial: string;
  readonly subjectKeyId: string | undefined;
}

/** What a host asks of signatures. */
export interface SignaturePolicy {
  /** Whether it loads signed modules only: `sig_enforce`, or lockdown. */
  readonly isEnforced: boolean;
  /** Keys that it accepts: a subject key identifier, or the serial number of a certificate that has none. */
  readonly enrolledKeys: Evidence<ReadonlySet<string>>;
  /** The fleet's own. */
  readonly certificates: readonly KnownCertificate[];
}

/** A module as far as signatures go. `isSignatureValid` is false where its bytes are not those that were signed; absent where nobody could check that. */
export type SignedModule = Pick<ModuleInfo, "signature"> & { readonly isSignatureValid?: boolean };

const verdict = (verdict: Proof["verdict"], evidence: string): Proof => ({ name: "signature", verdict, evidence });

const describe = ({ signer, keyId, digest }: ModuleSignature): string => `signed by ${signer ?? "a key"} ${keyId} with ${digest}`;

function proveEnrolled(signature: ModuleSignature, keys: ReadonlySet<string>, certificates: SignaturePolicy["certificates"]): Proof {
  const own = `it is ${describe(signature)}`;
  const named = certificates.filter(({ serial, subjectKeyId }) => signature.keyId === serial || signature.keyId === subjectKeyId);
  const ids = [signature.keyId, ...named.flatMap(({ subjectKeyId }) => subjectKeyId ?? [])];
  if (ids.some((id) => keys.has(id))) return verdict("holds", `${own}, which the host accepts`);
  if (named.length > 0 || keys.size === 0) {
    return verdict("refused", `${own}, which is none of the keys that the host accepts (${keys.size})`);
  }
  return verdict(
    "unknown",
    `${own}, whose certificate is not at hand: whether it is among the keys that the host accepts (${keys.size}) can't be told`,
  );
}

function proveEnforced(signature: ModuleSignature | undefined, { enrolledKeys, certificates }: SignaturePolicy): Proof {
  if (signature === undefined) return verdict("refused", "it is not signed, and the host loads signed modules only");
  if ("known" in enrolledKeys) return proveEnrolled(signature, enrolledKeys.known, certificates);
  return verdict("unknown", `it is ${describe(signature)}; which keys the host accepts is not known: ${enrolledKeys.missing}`);
}

/** Compares who signed a module with whom the host trusts. */
export function proveSignature({ signature, isSignatureValid }: SignedModule, evidence: Evidence<SignaturePolicy>): Proof {
  const own = signature === undefined ? "not signed" : describe(signature);
  // A kernel that has the key refuses a wrong signature even where it enforces none.
  if (isSignatureValid === false) return verdict("refused", `it is ${own}, but its bytes are not those that were signed: sign it again`);
  if ("missing" in evidence)
    return verdict("unknown", `it is ${own}; whether the host enforces signatures is not known: ${evidence.missing}`);
  if (evidence.known.isEnforced) return proveEnforced(signature, evidence.known);
  return verdict("holds", `it is ${own}, and the host enforces no signatures`);
}
