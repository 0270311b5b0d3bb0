import { type WaivableProof, waivable } from "../core/proof_names.ts";
import type { HostEvidence } from "./kernel_evidence.ts";
import type { ModuleInfo } from "./module_info.ts";
import type { Evidence, Proof } from "./proof.ts";
import { proveCrcs } from "./proof_crcs.ts";
import { type ExpectedModule, proveIdentity } from "./proof_identity.ts";
import { type ExpectedOffsets, proveOffsets } from "./proof_offsets.ts";
import { proveSignature, type SignaturePolicy, type SignedModule } from "./proof_signature.ts";

/** An artifact, read; `sha256` is what its bytes have. */
export type Examined = ModuleInfo & SignedModule & { readonly sha256: string };

/** What an artifact is compared with: what it must be, and what is known of the kernel that it is for. */
export interface Ground extends HostEvidence {
  readonly expected: ExpectedModule;
  readonly signatures: Evidence<SignaturePolicy>;
  readonly offsets: ExpectedOffsets;
}

/** All proofs of an artifact for one kernel of one host, in the order of their names. */
export const proveModule = (module: Examined, { expected, crcs, map, signatures, offsets }: Ground): readonly Proof[] => [
  ...proveIdentity(module, expected),
  proveCrcs(module, crcs),
  proveSignature(module, signatures),
  proveOffsets(module, offsets, map),
];

/** What a user decided to do without. */
export interface Allowance {
  /** Whether what can't be known is let pass. */
  readonly unknown: boolean;
  /** Proofs that need not hold. */
  readonly unproved: readonly WaivableProof[];
}

/** Nothing passes but what holds. */
export const nothingAllowed: Allowance = { unknown: false, unproved: [] };

/** A proof, and whether it is let pass though it does not hold. */
export interface JudgedProof extends Proof {
  readonly allowed?: true;
}

const isAllowed = ({ name, verdict }: Proof, { unknown, unproved }: Allowance): boolean =>
  unproved.some((one) => one === name) || (verdict === "unknown" && unknown && waivable.some((one) => one === name));

/** Notes which proofs are let pass though they don't hold. */
export const judgeProofs = (proofs: readonly Proof[], allowance: Allowance): readonly JudgedProof[] =>
  proofs.map((proof) => (proof.verdict !== "holds" && isAllowed(proof, allowance) ? { ...proof, allowed: true } : proof));

/** The proofs for which an artifact must not be used. */
export const objectionsIn = (proofs: readonly JudgedProof[]): readonly JudgedProof[] =>
  proofs.filter(({ verdict, allowed }) => verdict !== "holds" && !allowed);

/** Objections for people, in one line: "crcs refused: …; offsets unknown: …". */
export const describeProofs = (proofs: readonly Proof[]): string =>
  proofs.map(({ name, verdict, evidence }) => `${name} ${verdict}: ${evidence}`).join("; ");
