import type { ProofName } from "../core/proof_names.ts";

/** One check of an artifact against one host, with the values that were compared. `unknown`: what it takes is not known of the host. */
export interface Proof {
  readonly name: ProofName;
  readonly verdict: "holds" | "refused" | "unknown";
  readonly evidence: string;
}

/** What is known of a host for a proof, or why it is not. */
export type Evidence<T> = { readonly known: T } | { readonly missing: string };

const shown = 4;

/** The first few of a list, and how many more there are: "a, b and 7 more". */
export const firstOf = (texts: readonly string[]): string =>
  texts.length <= shown ? texts.join(", ") : `${texts.slice(0, shown).join(", ")} and ${texts.length - shown} more`;
