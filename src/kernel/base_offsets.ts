import type { Machine } from "./elf_identity.ts";
import { type Relocation, relocationsAgainst } from "./elf_relocations.ts";
import type { ElfObject } from "./elf_sections.ts";
import type { UndefinedSymbol } from "./elf_symbols.ts";
import { checkLimit, mostSymbols } from "./module_limits.ts";

/** The exported symbol from which modules such as dattobd compute the addresses of those that are not exported. */
export const baseSymbol = "kfree";

/** What a module's relocations tell of the addresses that it computes from the base symbol. */
export interface BaseOffsets {
  /** Bytes from the base symbol, ascending, without 0. */
  readonly distances: readonly number[];
  /** Whether its code may add to the base symbol's address by instructions, where no relocation shows how much. */
  readonly isPartial: boolean;
}

/** Relocations by the numbers of each machine's ELF supplement: those whose addend is the whole distance, with gcc as the kernel calls it. */
interface Kinds {
  readonly whole: readonly number[];
  /** Among instructions the processor counts from the next one, 4 bytes behind the place that the addend counts from. */
  readonly relative: readonly number[];
}

// Machines that are absent, such as s390x and ppc64le, load the symbol's address and add the distance by instructions.
const kinds: Partial<Record<Machine, Kinds>> = {
  // 64, 32, 32S, PC64; PC32, PLT32
  x86_64: { whole: [1, 10, 11, 24], relative: [2, 4] },
  // ABS64, ABS32, PREL64, PREL32, JUMP26, CALL26
  aarch64: { whole: [257, 258, 260, 261, 282, 283], relative: [] },
};

/** The distance that a relocation shows; undefined where instructions may add to it. */
function distanceOf({ type, addend, isCode }: Relocation, machine: Machine): number | undefined {
  const known = kinds[machine];
  if (known?.whole.includes(type)) return addend;
  if (!known?.relative.includes(type)) return undefined;
  return isCode ? addend + 4 : addend;
}

/** Reads how a module reaches addresses at fixed distances from the base symbol. Throws a ProofError where they are more than any module's. */
export function readBaseOffsets(elf: ElfObject, symbols: readonly UndefinedSymbol[]): BaseOffsets {
  const bases = new Set(symbols.filter(({ name }) => name === baseSymbol).map(({ index }) => index));
  const distances = new Set<number>();
  let isPartial = false;
  for (const relocation of relocationsAgainst(elf, bases)) {
    const distance = distanceOf(relocation, elf.machine);
    if (distance === undefined) isPartial = true;
    else if (distance !== 0) distances.add(distance);
    checkLimit(`distances from ${baseSymbol}`, distances.size, mostSymbols);
  }
  return { distances: [...distances].sort((a, b) => a - b), isPartial };
}
