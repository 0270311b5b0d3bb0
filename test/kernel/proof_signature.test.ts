import { expect, test } from "vitest";
import type { ModuleSignature } from "../../src/kernel/module_signature.ts";
import type { Evidence, Proof } from "../../src/kernel/proof.ts";
import { proveSignature, type SignaturePolicy, type SignedModule } from "../../src/kernel/proof_signature.ts";

const signature: ModuleSignature = { signer: "Our key", keyId: "01ff", digest: "sha256" };
const signed: SignedModule = { signature };
const valid: SignedModule = { signature, isSignatureValid: true };
const wrong: SignedModule = { signature, isSignatureValid: false };
const byKeyId: SignedModule = { signature: { keyId: "aa", digest: "sha512" } };
const ours = { serial: "01ff", subjectKeyId: "aa" };
const others = { serial: "02", subjectKeyId: "bb" };
const old = { serial: "01ff", subjectKeyId: undefined };

const enforcing = (keys?: readonly string[], ...certificates: SignaturePolicy["certificates"]): Evidence<SignaturePolicy> => ({
  known: {
    isEnforced: true,
    enrolledKeys: keys === undefined ? { missing: "it has no /proc/keys" } : { known: new Set(keys) },
    certificates,
  },
});
const lax: Evidence<SignaturePolicy> = { known: { isEnforced: false, enrolledKeys: { known: new Set(["aa"]) }, certificates: [ours] } };
const unasked: Evidence<SignaturePolicy> = { missing: "not root" };

const accepted = "it is signed by Our key 01ff with sha256, which the host accepts";
const none = (keys: number): string =>
  `it is signed by Our key 01ff with sha256, which is none of the keys that the host accepts (${keys})`;
const untold = (keys: number): string =>
  `it is signed by Our key 01ff with sha256, whose certificate is not at hand: whether it is among the keys that the host accepts (${keys}) can't be told`;
const unlisted = "it is signed by Our key 01ff with sha256; which keys the host accepts is not known: it has no /proc/keys";
const bare = "it is not signed, and the host loads signed modules only";
const damaged = "it is signed by Our key 01ff with sha256, but its bytes are not those that were signed: sign it again";

test.each<[what: string, module: SignedModule, evidence: Evidence<SignaturePolicy>, verdict: Proof["verdict"], text: string]>([
  ["the host shows the serial number", signed, enforcing(["00", "01ff"]), "holds", accepted],
  ["the host shows the key identifier of our certificate", signed, enforcing(["00", "aa"], others, ours), "holds", accepted],
  ["of two certificates with one serial number the second", signed, enforcing(["aa"], old, ours), "holds", accepted],
  ["it was checked as well", valid, enforcing(["aa"], ours), "holds", accepted],
  ["our certificate is not enrolled", signed, enforcing(["00", "bb"], others, ours), "refused", none(2)],
  ["our certificate has no key identifier", signed, enforcing(["00"], old), "refused", none(1)],
  ["nothing is enrolled", signed, enforcing([]), "refused", none(0)],
  ["its certificate is not known", signed, enforcing(["00", "aa"], others), "unknown", untold(2)],
  ["no certificate is known", signed, enforcing(["aa"]), "unknown", untold(1)],
  ["enrolled keys can't be read", signed, enforcing(undefined, ours), "unknown", unlisted],
  ["it is not signed", {}, enforcing(["aa"], ours), "refused", bare],
  ["it is not signed, and enrolled keys can't be read", {}, enforcing(), "refused", bare],
  ["its bytes have changed", wrong, enforcing(["aa"], ours), "refused", damaged],
  ["its bytes have changed, and nothing is enforced", wrong, lax, "refused", damaged],
  ["its bytes have changed, and nothing is known", wrong, unasked, "refused", damaged],
  ["nothing is enforced", signed, lax, "holds", "it is signed by Our key 01ff with sha256, and the host enforces no signatures"],
  ["it is not signed, and nothing is enforced", {}, lax, "holds", "it is not signed, and the host enforces no signatures"],
  ["nothing is known", {}, unasked, "unknown", "it is not signed; whether the host enforces signatures is not known: not root"],
  [
    "it names its key by the identifier",
    byKeyId,
    enforcing(["aa"]),
    "holds",
    "it is signed by a key aa with sha512, which the host accepts",
  ],
  [
    "it names our key by the identifier",
    byKeyId,
    enforcing(["bb"], ours),
    "refused",
    "it is signed by a key aa with sha512, which is none of the keys that the host accepts (1)",
  ],
])("%s", (_, module, evidence, verdict, text) => {
  expect(proveSignature(module, evidence)).toEqual({ name: "signature", verdict, evidence: text });
});
