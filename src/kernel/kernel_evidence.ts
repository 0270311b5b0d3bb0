import type { EvidencePart, HeldEvidence, KernelIdentity } from "../core/kernel_evidence.ts";
import type { Evidence } from "./proof.ts";
import type { SymbolCrcs } from "./symbol_crcs.ts";
import type { SymbolMap } from "./symbol_map.ts";

/** The evidence of one build of a kernel, read. */
export interface KernelEvidence {
  readonly identity: KernelIdentity;
  readonly crcs?: SymbolCrcs;
  readonly map?: SymbolMap;
}

const kindOf = (identity: KernelIdentity): string => identity.replace(/:.*/, "");

/** Whether evidence of one identity may speak of a kernel with another: of one kind they must be equal; of two kinds they go by the same package, and nothing contradicts that. */
const speaksOf = (taken: KernelIdentity, own: KernelIdentity | undefined): boolean =>
  own === undefined || taken === own || kindOf(taken) !== kindOf(own);

/** What is kept of kernels of one key that may speak of a host's kernel: that of its very build first. `own` is undefined where the host can't tell. */
export const speakingOf = <E extends Pick<HeldEvidence, "identity">>(own: KernelIdentity | undefined, held: readonly E[]): readonly E[] =>
  held.filter(({ identity }) => speaksOf(identity, own)).toSorted((a, b) => Number(b.identity === own) - Number(a.identity === own));

/** What a host's kernel can be compared with. */
export interface HostEvidence {
  readonly crcs: Evidence<SymbolCrcs>;
  readonly map: Evidence<SymbolMap>;
}

/** Why a part of the evidence is missing, for people. */
export type Missing = Readonly<Record<EvidencePart, string>>;

const notKept = "none of its hosts was asked yet";

/** The evidence for a kernel, out of all that is kept of its key. The source that covers most symbols speaks for their CRCs: headers know all, modules only what they use. */
export function evidenceFor(
  own: KernelIdentity | undefined,
  held: readonly KernelEvidence[],
  missing: Missing = { crcs: notKept, map: notKept },
): HostEvidence {
  const fitting = speakingOf(own, held);
  const [crcs] = fitting.flatMap(({ crcs }) => crcs ?? []).toSorted((a, b) => b.crcs.size - a.crcs.size);
  const map = fitting.find((one) => one.map !== undefined)?.map;
  return { crcs: crcs ? { known: crcs } : { missing: missing.crcs }, map: map ? { known: map } : { missing: missing.map } };
}
