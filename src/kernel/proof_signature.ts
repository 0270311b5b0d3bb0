import type { ModuleInfo } from "./module_info.ts";
import type { ModuleSignature } from "./module_signature.ts";
import type { Evidence, Proof } from "./proof.ts";

/** What a host asks of signatures. */
export interface SignaturePolicy {
  /** Whether it loads signed modules only: `sig_enforce`, or lockdown. */
  readonly isEnforced: boolean;
  /** Keys that it accepts, as `keyId` of a signature names them. */
  readonly enrolledKeys: Evidence<ReadonlySet<string>>;
}

const verdict = (verdict: Proof["verdict"], evidence: string): Proof => ({ name: "signature", verdict, evidence });

const describe = ({ signer, keyId, digest }: ModuleSignature): string => `signed by ${signer ?? "a key"} ${keyId} with ${digest}`;

function proveEnforced(signature: ModuleSignature | undefined, enrolled: SignaturePolicy["enrolledKeys"]): Proof {
  if (signature === undefined) return verdict("refused", "it is not signed, and the host loads signed modules only");
  if ("missing" in enrolled) {
    return verdict("unknown", `it is ${describe(signature)}; which keys the host accepts is not known: ${enrolled.missing}`);
  }
  if (enrolled.known.has(signature.keyId)) return verdict("holds", `it is ${describe(signature)}, which the host accepts`);
  return verdict("refused", `it is ${describe(signature)}, which is none of the keys that the host accepts (${enrolled.known.size})`);
}

/** Compares who signed a module with whom the host trusts. That the signature belongs to these very bytes only the kernel can tell. */
export function proveSignature({ signature }: Pick<ModuleInfo, "signature">, evidence: Evidence<SignaturePolicy>): Proof {
  const own = signature === undefined ? "not signed" : describe(signature);
  if ("missing" in evidence)
    return verdict("unknown", `it is ${own}; whether the host enforces signatures is not known: ${evidence.missing}`);
  if (evidence.known.isEnforced) return proveEnforced(signature, evidence.known.enrolledKeys);
  return verdict("holds", `it is ${own}, and the host enforces no signatures`);
}
