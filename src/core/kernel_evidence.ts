import type { ArtifactKey } from "./artifact.ts";

/** A kernel as its package names it: the part of an artifact's key that speaks of the kernel. */
export type KernelKey = Pick<ArtifactKey, "distribution" | "kernel" | "kernelPackage" | "architecture">;

/** The kernel of an artifact's key, and nothing else of it. */
export const kernelKeyOf = ({ distribution, kernel, kernelPackage, architecture }: KernelKey): KernelKey => ({
  distribution,
  kernel,
  kernelPackage,
  architecture,
});

/** The key as one word, for names of folders, facts and messages. */
export const kernelKeyName = ({ kernel, kernelPackage, architecture, distribution }: KernelKey): string =>
  [kernel, kernelPackage, architecture, distribution].map((part) => part.replace(/[^\w.+~-]/g, "_")).join("@");

/**
 * Which build of a kernel evidence was taken from: `build-id:` and the id in /sys/kernel/notes of the running kernel, `vmlinuz:` and the sha256 of
 * the image of one that was not running, `package` for headers and debug packages, which have no kernel beside them.
 */
export type KernelIdentity = `build-id:${string}` | `vmlinuz:${string}` | "package";

/** What is kept of a kernel: the CRCs of its exported symbols, and its symbol map. */
export const evidenceParts = ["crcs", "map"] as const;
export type EvidencePart = (typeof evidenceParts)[number];

/** Bytes of the largest part, packed and unpacked: ten times the symbol map of a distribution's kernel. */
export const largestEvidence = 64 * 2 ** 20;

/** One part of the evidence of one build of a kernel, as it comes from a host. */
export interface EvidenceOrigin {
  readonly key: KernelKey;
  readonly identity: KernelIdentity;
  readonly part: EvidencePart;
  /** For people, where on the host it was: "Module.symvers", "the kernel's own modules", "/proc/kallsyms". */
  readonly source: string;
  /** Inventory name. */
  readonly host: string;
}

/** A part of the evidence that is kept. */
export interface HeldPart {
  readonly source: string;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Of its text. */
  readonly sha256: string;
  /** Of what the host had, which says the same in another form. */
  readonly sentSha256: string;
  /** The text: lines of Module.symvers, or a canonical System.map. Throws a ProofError where it is damaged. */
  text(): Promise<string>;
}

/** All that is kept of one build of a kernel. */
export interface HeldEvidence {
  readonly key: KernelKey;
  readonly identity: KernelIdentity;
  readonly crcs?: HeldPart;
  readonly map?: HeldPart;
}

/** The evidence of kernels on the control machine. */
export interface KernelStore {
  /** What is kept of all builds that go by this key. */
  find(key: KernelKey): Promise<readonly HeldEvidence[]>;
  /** Keeps what a host sent, gzip-compressed; another of the same build and part replaces it. Throws a FactError where it is not what it should be. */
  add(origin: EvidenceOrigin, bytes: Uint8Array): Promise<void>;
}
