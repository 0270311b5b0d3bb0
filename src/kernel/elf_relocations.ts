import { type ElfObject, type Section, sectionFlag, sectionType } from "./elf_sections.ts";

/** A place in an object where the address of a symbol is to be filled in. */
export interface Relocation {
  /** How, by a number that each machine defines for itself. */
  readonly type: number;
  /** Bytes. Exact within 2^53, which is wider than any kernel. */
  readonly addend: number;
  /** Whether the place is among instructions, not data. */
  readonly isCode: boolean;
}

const entrySize = 24;

function* matching(section: Section, isCode: boolean, isLittleEndian: boolean, symbols: ReadonlySet<number>): Generator<Relocation> {
  const { bytes } = section;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [low, high] = isLittleEndian ? [0, 4] : [4, 0];
  for (let at = 0; at + entrySize <= bytes.length; at += entrySize) {
    if (!symbols.has(view.getUint32(at + 8 + high, isLittleEndian))) continue;
    const addend = view.getInt32(at + 16 + high, isLittleEndian) * 2 ** 32 + view.getUint32(at + 16 + low, isLittleEndian);
    yield { type: view.getUint32(at + 8 + low, isLittleEndian), addend, isCode };
  }
}

/** The relocations against the symbols with these indexes, in all that is loaded: debugging information is not. */
export function* relocationsAgainst(elf: ElfObject, symbols: ReadonlySet<number>): Generator<Relocation> {
  if (symbols.size === 0) return;
  for (const section of elf.sections) {
    const flags = section.type === sectionType.relocations ? (elf.sections[section.info]?.flags ?? 0) : 0;
    if ((flags & sectionFlag.isLoaded) === 0) continue;
    yield* matching(section, (flags & sectionFlag.isCode) !== 0, elf.isLittleEndian, symbols);
  }
}
