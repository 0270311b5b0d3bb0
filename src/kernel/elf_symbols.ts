import { ProofError } from "../core/error.ts";
import { type ElfObject, sectionType } from "./elf_sections.ts";
import { checkLimit, largestNames, mostSymbols } from "./module_limits.ts";

/** A symbol that an object uses and another must have. */
export interface UndefinedSymbol {
  readonly name: string;
  /** In the symbol table: what relocations name it by. */
  readonly index: number;
  /** Whether the object works without it. */
  readonly isWeak: boolean;
}

const entrySize = 24;
const weak = 2;
// The kernel keeps names of symbols within KSYM_NAME_LEN: 512 since Linux 6.1.
const longestName = 512;

function nameAt(names: Uint8Array, start: number): string {
  const name = names.subarray(start, start + longestName);
  const length = name.indexOf(0);
  if (length < 0) throw new ProofError(`it is damaged: the name of a symbol at byte ${start} has no end`);
  return Buffer.from(name.buffer, name.byteOffset, length).toString("latin1");
}

/** The symbols that an object does not define itself, in the order of its table. Throws a ProofError where table or names are damaged, or hold more than a module's. */
export function undefinedSymbols(elf: ElfObject): readonly UndefinedSymbol[] {
  const table = elf.sections.find(({ type }) => type === sectionType.symbolTable);
  if (table === undefined) throw new ProofError("it has no symbol table: a module that was stripped of it can't be loaded");
  const names = elf.sections[table.link]?.bytes;
  if (names === undefined) throw new ProofError("it is damaged: its symbols have no names");
  const view = new DataView(table.bytes.buffer, table.bytes.byteOffset, table.bytes.length);
  const found: UndefinedSymbol[] = [];
  let size = 0;
  for (let at = entrySize; at + entrySize <= table.bytes.length; at += entrySize) {
    const start = view.getUint32(at, elf.isLittleEndian);
    if (start === 0 || view.getUint16(at + 6, elf.isLittleEndian) !== 0) continue;
    const name = nameAt(names, start);
    size += name.length + 1;
    checkLimit("bytes of names of undefined symbols", size, largestNames);
    const count = found.push({ name, index: at / entrySize, isWeak: view.getUint8(at + 4) >> 4 === weak });
    checkLimit("undefined symbols", count, mostSymbols);
  }
  return found;
}
