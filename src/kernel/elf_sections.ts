import { ProofError } from "../core/error.ts";
import { type ElfIdentity, readIdentity } from "./elf_identity.ts";
import { checkLimit, mostSections } from "./module_limits.ts";

/** One section of an object file: its header's fields under their names in the System V gABI, and its bytes in the file. */
export interface Section {
  /** Where its name starts in the table of names. */
  readonly name: number;
  readonly type: number;
  /** The low 32 bits, which hold all flags that are defined for every machine. */
  readonly flags: number;
  readonly link: number;
  readonly info: number;
  readonly bytes: Uint8Array;
}

/** Values of a section's `type`. */
export const sectionType = { symbolTable: 2, relocations: 4, noBits: 8 } as const;

/** Bits of a section's `flags`. */
export const sectionFlag = { isLoaded: 2, isCode: 4 } as const;

/** An ELF64 relocatable object with its sections, none of which overlap. */
export interface ElfObject extends ElfIdentity {
  readonly sections: readonly Section[];
  /** The first byte behind all that its headers speak of: what follows is no part of it. */
  readonly end: number;
  /** The bytes of the first section of that name. */
  section(name: string): Uint8Array | undefined;
}

const headerSize = 64;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** Reads offsets and sizes, all of them 64 bits wide, as numbers that lie in the file. */
function within(bytes: Uint8Array, what: string, offset: bigint, size: bigint): Uint8Array {
  if (offset + size > BigInt(bytes.length)) {
    throw new ProofError(`it is truncated or damaged: ${what} ends at byte ${offset + size} of ${bytes.length}`);
  }
  return bytes.subarray(Number(offset), Number(offset + size));
}

interface SectionTable {
  readonly bytes: Uint8Array;
  readonly nameIndex: number;
}

function sectionTable(bytes: Uint8Array, isLittleEndian: boolean): SectionTable {
  const view = viewOf(bytes);
  const offset = view.getBigUint64(40, isLittleEndian);
  if (offset === 0n || view.getUint16(58, isLittleEndian) !== headerSize) throw new ProofError("it has no ELF section table");
  const first = viewOf(within(bytes, "the section table", offset, BigInt(headerSize)));
  // Counts and indexes beyond 16 bits stand in the first section header, as gABI says.
  const count = BigInt(view.getUint16(60, isLittleEndian)) || first.getBigUint64(32, isLittleEndian);
  const nameIndex = view.getUint16(62, isLittleEndian);
  return {
    bytes: within(bytes, "the section table", offset, count * BigInt(headerSize)),
    nameIndex: nameIndex === 0xffff ? first.getUint32(40, isLittleEndian) : nameIndex,
  };
}

function sectionAt(bytes: Uint8Array, table: Uint8Array, index: number, isLittleEndian: boolean): Section {
  const view = new DataView(table.buffer, table.byteOffset + index * headerSize, headerSize);
  const word = (at: number): number => view.getUint32(at, isLittleEndian);
  const isEmpty = index === 0 || word(4) === sectionType.noBits;
  const size = isEmpty ? 0n : view.getBigUint64(32, isLittleEndian);
  const offset = isEmpty ? 0n : view.getBigUint64(24, isLittleEndian);
  return {
    name: word(0),
    type: word(4),
    flags: word(isLittleEndian ? 8 : 12),
    link: word(40),
    info: word(44),
    bytes: within(bytes, `section ${index}`, offset, size),
  };
}

/** Without this a small file could claim a thousand times that a section is all of it, and reading it would take for ever. */
function checkTotal(bytes: Uint8Array, sections: readonly Section[]): void {
  const total = sections.reduce((sum, section) => sum + section.bytes.length, 0);
  if (total > bytes.length) throw new ProofError(`it is damaged: its sections overlap (${total} bytes in a file of ${bytes.length})`);
}

const endOf = (bytes: Uint8Array, parts: readonly Uint8Array[]): number =>
  parts.reduce((end, part) => Math.max(end, part.byteOffset - bytes.byteOffset + part.length), 0);

/** Reads an ELF64 relocatable object of either byte order, as the System V gABI lays it out. Throws a ProofError for everything else, after work linear in the size. */
export function readElf(bytes: Uint8Array): ElfObject {
  const identity = readIdentity(bytes);
  const table = sectionTable(bytes, identity.isLittleEndian);
  const count = table.bytes.length / headerSize;
  checkLimit("sections", count, mostSections);
  const sections = Array.from({ length: count }, (_, index) => sectionAt(bytes, table.bytes, index, identity.isLittleEndian));
  checkTotal(bytes, sections);
  const names = sections[table.nameIndex]?.bytes;
  if (names === undefined) throw new ProofError("it is damaged: its sections have no names");
  return {
    ...identity,
    sections,
    end: endOf(bytes, [table.bytes, ...sections.map((section) => section.bytes)]),
    section(name) {
      const wanted = Buffer.from(`${name}\0`, "latin1");
      return sections.find((section) => wanted.equals(names.subarray(section.name, section.name + wanted.length)))?.bytes;
    },
  };
}
