import type { Machine } from "./elf_identity.ts";
import { type Relocation, relocationsAgainst } from "./elf_relocations.ts";
import type { ElfObject } from "./elf_sections.ts";
import type { UndefinedSymbol } from "./elf_symbols.ts";

/** The exported symbol from which modules such as dattobd compute the addresses of those that are not exported. */
export const baseSymbol = "kfree";

/** What a module's relocations tell of the addresses that it computes from the base symbol. */
export interface BaseOffsets {
  /** Bytes from the base symbol, ascending, without 0. */
  readonly distances: readonly number[];
  /** Whether its code may add to the base symbol's address by instructions, where no relocation shows how much. */
  readonly isPartial: boolean;
}

interface Kinds {
  /** The addend is the distance. */
  readonly whole: readonly number[];
  /** Among instructions the addend counts from the relocated operand, but the processor from `lag` bytes further on. */
  readonly relative: readonly number[];
  /** Bytes: to the next instruction on x86_64; on s390x from the operand back to its own. */
  readonly lag: number;
}

/** Relocations whose addend tells the whole distance, by the numbers of each machine's ELF supplement. All others leave it to instructions. */
const kinds: Partial<Record<Machine, Kinds>> = {
  // 64, 32, 32S, PC64; PC32, PLT32
  x86_64: { whole: [1, 10, 11, 24], relative: [2, 4], lag: 4 },
  // ABS64, ABS32, PREL64, PREL32, JUMP26, CALL26
  aarch64: { whole: [257, 258, 260, 261, 282, 283], relative: [], lag: 0 },
  // REL24, ADDR64
  ppc64le: { whole: [10, 38], relative: [], lag: 0 },
  // 64; PC32DBL, PLT32DBL
  s390x: { whole: [22], relative: [19, 20], lag: -2 },
};

/** The distance that a relocation shows; undefined where instructions may add to it. */
function distanceOf({ type, addend, isCode }: Relocation, machine: Machine): number | undefined {
  const known = kinds[machine];
  if (known?.whole.includes(type)) return addend;
  if (!known?.relative.includes(type)) return undefined;
  return isCode ? addend + known.lag : addend;
}

/** Reads how a module reaches addresses at fixed distances from the base symbol. */
export function readBaseOffsets(elf: ElfObject, symbols: readonly UndefinedSymbol[]): BaseOffsets {
  const bases = new Set(symbols.filter(({ name }) => name === baseSymbol).map(({ index }) => index));
  const distances = new Set<number>();
  let isPartial = false;
  for (const relocation of relocationsAgainst(elf, bases)) {
    const distance = distanceOf(relocation, elf.machine);
    if (distance === undefined) isPartial = true;
    else if (distance !== 0) distances.add(distance);
  }
  return { distances: [...distances].sort((a, b) => a - b), isPartial };
}
