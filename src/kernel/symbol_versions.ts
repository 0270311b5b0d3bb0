import { ProofError } from "../core/error.ts";
import type { ElfObject } from "./elf_sections.ts";
import { checkLimit, largestNames, mostSymbols } from "./module_limits.ts";

/** CRCs of the symbols that a module was built against, by symbol: unsigned, 32 bits. */
export type SymbolVersions = ReadonlyMap<string, number>;

// struct modversion_info: an unsigned long that holds the CRC, and a name that fills the rest.
const recordSize = 64;
const nameStart = 8;
// The same two numbers before a name, but each of 32 bits.
const packedStart = 8;
// Two numbers, the string's own zero, and what an assembler might add to a multiple of eight.
const packedEnd = 16;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

function readTable(records: Uint8Array, isLittleEndian: boolean): SymbolVersions {
  const view = viewOf(records);
  const versions = new Map<string, number>();
  for (let at = 0; at < records.length; at += recordSize) {
    const name = records.subarray(at + nameStart, at + recordSize);
    const length = name.indexOf(0);
    if (length <= 0) throw new ProofError(`it is damaged: the name at byte ${at} of __versions ${length < 0 ? "has no end" : "is empty"}`);
    versions.set(textOf(name.subarray(0, length)), view.getUint32(at + (isLittleEndian ? 0 : 4), isLittleEndian));
  }
  return versions;
}

/**
 * Ubuntu's form since its Linux 6.2 ("modpost: support arbitrary symbol length in modversion"): records of their own length in bytes (32 bits),
 * a CRC, and a name padded with zeros to four bytes; a length of zero ends them. It is one string, hence its zero behind the end.
 */
function readPacked(records: Uint8Array, isLittleEndian: boolean): SymbolVersions {
  const view = viewOf(records);
  const versions = new Map<string, number>();
  for (let at = 0; at + packedStart <= records.length; ) {
    const size = view.getUint32(at, isLittleEndian);
    if (size === 0 && records.length - at <= packedEnd && records.subarray(at).every((byte) => byte === 0)) return versions;
    const name = records.subarray(at + packedStart, at + size);
    const length = name.indexOf(0);
    if (length <= 0 || at + size > records.length)
      throw new ProofError(`it is damaged: the record at byte ${at} of __versions is cut short`);
    versions.set(textOf(name.subarray(0, length)), view.getUint32(at + 4, isLittleEndian));
    checkLimit("symbol CRCs", versions.size, mostSymbols);
    at += size;
  }
  throw new ProofError(`it is damaged: __versions is ${records.length} bytes, and neither a table nor a list that ends`);
}

function readExtended(crcs: Uint8Array, names: Uint8Array, isLittleEndian: boolean): SymbolVersions {
  checkLimit("symbol CRCs", crcs.length / 4, mostSymbols);
  checkLimit("bytes of __version_ext_names", names.length, largestNames);
  const symbols = textOf(names).split("\0").slice(0, -1);
  if (crcs.length !== symbols.length * 4) {
    throw new ProofError(`it is damaged: __version_ext_crcs is ${crcs.length} bytes for ${symbols.length} names`);
  }
  const view = viewOf(crcs);
  return new Map(symbols.map((symbol, index) => [symbol, view.getUint32(index * 4, isLittleEndian)]));
}

/**
 * The CRCs in `__versions`, a table or Ubuntu's list, or where they are there in the extended form (`__version_ext_crcs`, `__version_ext_names`; Linux 6.14), which the
 * kernel prefers. Empty: it was built without modversions. Throws a ProofError where they are damaged, or more than a module's.
 */
export function readVersions({ section, isLittleEndian }: ElfObject): SymbolVersions {
  const crcs = section("__version_ext_crcs");
  const names = section("__version_ext_names");
  if (crcs !== undefined && names !== undefined) return readExtended(crcs, names, isLittleEndian);
  const records = section("__versions") ?? new Uint8Array();
  checkLimit("bytes of __versions", records.length, mostSymbols * recordSize);
  return records.length % recordSize === 0 ? readTable(records, isLittleEndian) : readPacked(records, isLittleEndian);
}
