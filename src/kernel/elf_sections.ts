import { ProofError } from "../core/error.ts";

/** Machines that distributions build kernels for, named as `uname -m` names them. */
export type Machine = "x86_64" | "aarch64" | "ppc64le" | "ppc64" | "s390x" | "riscv64" | "loongarch64";

/** An ELF64 relocatable object: its machine, its byte order, and its sections by name. */
export interface ElfObject {
  readonly machine: Machine;
  readonly isLittleEndian: boolean;
  /** The bytes of the first section of that name. */
  section(name: string): Uint8Array | undefined;
}

interface Section {
  /** Where its name starts in the table of names. */
  readonly name: number;
  readonly bytes: Uint8Array;
}

const headerSize = 64;
const sectionHeaderSize = 64;
const noBits = 8;
const relocatable = 1;

const packed: readonly (readonly [string, readonly number[]])[] = [
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["gzip", [0x1f, 0x8b]],
];

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean => start.every((byte, at) => bytes[at] === byte);

function machineOf(id: number, isLittleEndian: boolean): Machine {
  switch (id) {
    case 21:
      return isLittleEndian ? "ppc64le" : "ppc64";
    case 22:
      return "s390x";
    case 62:
      return "x86_64";
    case 183:
      return "aarch64";
    case 243:
      return "riscv64";
    case 258:
      return "loongarch64";
    default:
      throw new ProofError(`it is built for a machine that kofleet does not know (ELF machine ${id})`);
  }
}

function checkIdentity(bytes: Uint8Array): void {
  const packing = packed.find(([, magic]) => startsWith(bytes, magic));
  if (packing !== undefined) throw new ProofError(`it is compressed with ${packing[0]}: unpack it first`);
  if (!startsWith(bytes, [0x7f, 0x45, 0x4c, 0x46])) throw new ProofError("it is not an ELF file");
  if (bytes.length < headerSize) throw new ProofError(`it is truncated: ${bytes.length} bytes do not hold an ELF header`);
  if (bytes[4] !== 2) throw new ProofError("it is not a 64-bit ELF file");
  if (bytes[5] !== 1 && bytes[5] !== 2) throw new ProofError(`its ELF byte order is neither little nor big endian (${bytes[5]})`);
}

/** Reads offsets and sizes, all of them 64 bits wide, as numbers that lie in the file. */
function within(bytes: Uint8Array, what: string, offset: bigint, size: bigint): Uint8Array {
  if (offset + size > BigInt(bytes.length)) {
    throw new ProofError(`it is truncated or damaged: ${what} ends at byte ${offset + size} of ${bytes.length}`);
  }
  return bytes.subarray(Number(offset), Number(offset + size));
}

function sectionTable(bytes: Uint8Array, view: DataView, isLittleEndian: boolean): { sections: Section[]; names: Uint8Array } {
  const offset = view.getBigUint64(40, isLittleEndian);
  if (offset === 0n || view.getUint16(58, isLittleEndian) !== sectionHeaderSize) throw new ProofError("it has no ELF section table");
  const first = within(bytes, "the section table", offset, BigInt(sectionHeaderSize));
  const firstView = new DataView(first.buffer, first.byteOffset, first.length);
  // Counts beyond 16 bits stand in the first section header, as gABI says.
  const count = BigInt(view.getUint16(60, isLittleEndian)) || firstView.getBigUint64(32, isLittleEndian);
  const nameIndex = view.getUint16(62, isLittleEndian);
  const table = within(bytes, "the section table", offset, count * BigInt(sectionHeaderSize));
  const sections = Array.from({ length: Number(count) }, (_, index) => sectionAt(bytes, table, index, isLittleEndian));
  const names = sections[nameIndex === 0xffff ? firstView.getUint32(40, isLittleEndian) : nameIndex];
  if (names === undefined) throw new ProofError("it is damaged: its sections have no names");
  return { sections, names: names.bytes };
}

function sectionAt(bytes: Uint8Array, table: Uint8Array, index: number, isLittleEndian: boolean): Section {
  const view = new DataView(table.buffer, table.byteOffset + index * sectionHeaderSize, sectionHeaderSize);
  const isEmpty = index === 0 || view.getUint32(4, isLittleEndian) === noBits;
  const size = isEmpty ? 0n : view.getBigUint64(32, isLittleEndian);
  const offset = isEmpty ? 0n : view.getBigUint64(24, isLittleEndian);
  return { name: view.getUint32(0, isLittleEndian), bytes: within(bytes, `section ${index}`, offset, size) };
}

/** Reads an ELF64 relocatable object of either byte order, as the System V gABI lays it out. Throws a ProofError for everything else, after work linear in the size. */
export function readElf(bytes: Uint8Array): ElfObject {
  checkIdentity(bytes);
  const isLittleEndian = bytes[5] === 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint16(16, isLittleEndian);
  if (type !== relocatable) throw new ProofError(`it is not a relocatable object, as modules are (ELF type ${type})`);
  const machine = machineOf(view.getUint16(18, isLittleEndian), isLittleEndian);
  const { sections, names } = sectionTable(bytes, view, isLittleEndian);
  return {
    machine,
    isLittleEndian,
    section(name) {
      const wanted = Buffer.from(`${name}\0`, "latin1");
      return sections.find((section) => wanted.equals(names.subarray(section.name, section.name + wanted.length)))?.bytes;
    },
  };
}
