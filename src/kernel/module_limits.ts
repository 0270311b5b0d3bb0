import { ProofError } from "../core/error.ts";

// What is read of a module is kept in memory, and takes many times its bytes there: whoever made the module must not decide how much that is. All
// numbers of real modules are those of Debian's Linux 6.1.176 and 6.12.100 for amd64, 8,249 modules.

/** Bytes of .modinfo: 14 times the largest, of option with 75,477, nearly all of them aliases. */
export const largestModinfo = 2 ** 20;

/** Symbols that a module uses, and CRCs of them: more than twice all 24,622 that the kernel exports. i915 uses the most of them, 1,231. */
export const mostSymbols = 2 ** 16;

/** Bytes of the names of those symbols, with their zeros: four times those of all that the kernel exports. i915's take 26 kB. */
export const largestNames = 2 * 2 ** 20;

/** Sections: as many as the header of an ELF file can count by itself. kvm has the most, 94. */
export const mostSections = 2 ** 16;

/** Signatures, one over the other. Real modules have one or two. */
export const mostSignatures = 100;

/** Throws a ProofError where a module holds more of something than a limit says; `what` is its plural: "sections". */
export function checkLimit(what: string, found: number, limit: number): void {
  if (found > limit) throw new ProofError(`it holds too much for a module: ${found} ${what}, the limit is ${limit}`);
}
