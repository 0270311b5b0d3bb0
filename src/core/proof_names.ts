/** What each proof is called, in the order in which they are made. */
export const proofNames = ["sha256", "machine", "name", "vermagic", "crcs", "signature", "offsets"] as const;

/** The name of a proof: what people are told of. */
export type ProofName = (typeof proofNames)[number];

/** Proofs that people may do without, where they know their kernels better. What a file is, they may not. */
export const waivable = ["vermagic", "crcs", "signature", "offsets"] as const satisfies readonly ProofName[];
export type WaivableProof = (typeof waivable)[number];
