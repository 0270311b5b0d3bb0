import { expect, test } from "vitest";
import type { ModuleSignature } from "../../src/kernel/module_signature.ts";
import type { Evidence, Proof } from "../../src/kernel/proof.ts";
import { proveSignature, type SignaturePolicy } from "../../src/kernel/proof_signature.ts";

const signature: ModuleSignature = { signer: "Our key", keyId: "01ff", digest: "sha256" };
const policy = (isEnforced: boolean, keys?: readonly string[]): Evidence<SignaturePolicy> => ({
  known: { isEnforced, enrolledKeys: keys === undefined ? { missing: "mokutil is not there" } : { known: new Set(keys) } },
});

test.each<[signed: boolean, evidence: Evidence<SignaturePolicy>, verdict: Proof["verdict"], text: string]>([
  [true, policy(true, ["00", "01ff"]), "holds", "it is signed by Our key 01ff with sha256, which the host accepts"],
  [true, policy(true, ["00"]), "refused", "it is signed by Our key 01ff with sha256, which is none of the keys that the host accepts (1)"],
  [
    true,
    policy(true),
    "unknown",
    "it is signed by Our key 01ff with sha256; which keys the host accepts is not known: mokutil is not there",
  ],
  [false, policy(true, ["00"]), "refused", "it is not signed, and the host loads signed modules only"],
  [false, policy(true), "refused", "it is not signed, and the host loads signed modules only"],
  [true, policy(false), "holds", "it is signed by Our key 01ff with sha256, and the host enforces no signatures"],
  [false, policy(false), "holds", "it is not signed, and the host enforces no signatures"],
  [false, { missing: "not root" }, "unknown", "it is not signed; whether the host enforces signatures is not known: not root"],
])("signed %s, %j: %s", (isSigned, evidence, verdict, text) => {
  expect(proveSignature(isSigned ? { signature } : {}, evidence)).toEqual({ name: "signature", verdict, evidence: text });
});

test("a signer without a name is a key", () => {
  const proof = proveSignature({ signature: { keyId: "ab", digest: "sha512" } }, policy(true, ["ab"]));
  expect(proof.evidence).toBe("it is signed by a key ab with sha512, which the host accepts");
});
