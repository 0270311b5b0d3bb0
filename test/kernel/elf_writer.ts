/** One section of a synthetic object file. */
export interface WrittenSection {
  readonly name: string;
  readonly content: Uint8Array;
  /** SHT_PROGBITS unless given. */
  readonly type?: number;
  readonly flags?: number;
  readonly link?: number;
  readonly info?: number;
}

interface WriterOptions {
  readonly machine?: number;
  readonly littleEndian?: boolean;
  /** ET_REL unless given. */
  readonly type?: number;
  /** Writes section count and name index into the first section header, as files with more than 65,279 sections do. */
  readonly extended?: boolean;
}

const pad = (size: number): number => (size + 7) & ~7;

/** Bytes of .modinfo: `key=value`, zero-terminated. */
export const modinfoBytes = (pairs: readonly string[]): Uint8Array => Buffer.from(pairs.map((pair) => `${pair}\0`).join(""));

/** Bytes of one ELF note. */
export function noteBytes(owner: string, type: number, description: Uint8Array, littleEndian = true): Uint8Array {
  const name = Buffer.from(`${owner}\0`);
  const bytes = new Uint8Array(12 + ((name.length + 3) & ~3) + ((description.length + 3) & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, name.length, littleEndian);
  view.setUint32(4, description.length, littleEndian);
  view.setUint32(8, type, littleEndian);
  bytes.set(name, 12);
  bytes.set(description, 12 + ((name.length + 3) & ~3));
  return bytes;
}

/** Writes an ELF64 object: header, contents, section names, section table, in this order. */
export function writeElf(sections: readonly WrittenSection[], options: WriterOptions = {}): Uint8Array {
  const little = options.littleEndian ?? true;
  const names = Buffer.from(`\0${[...sections.map(({ name }) => name), ".shstrtab"].map((name) => `${name}\0`).join("")}`);
  const all: readonly WrittenSection[] = [...sections, { name: ".shstrtab", content: names, type: 3 }];
  const table = all.reduce((at, { content }) => at + pad(content.length), 64);
  const bytes = new Uint8Array(table + (all.length + 1) * 64);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1]);
  view.setUint16(16, options.type ?? 1, little);
  view.setUint16(18, options.machine ?? 62, little);
  view.setBigUint64(40, BigInt(table), little);
  view.setUint16(58, 64, little);
  view.setUint16(60, options.extended ? 0 : all.length + 1, little);
  view.setUint16(62, options.extended ? 0xffff : all.length, little);
  if (options.extended) {
    view.setBigUint64(table + 32, BigInt(all.length + 1), little);
    view.setUint32(table + 40, all.length, little);
  }
  let at = 64;
  let name = 1;
  for (const [index, section] of all.entries()) {
    const header = table + (index + 1) * 64;
    view.setUint32(header, name, little);
    view.setUint32(header + 4, section.type ?? 1, little);
    view.setBigUint64(header + 8, BigInt(section.flags ?? 0), little);
    view.setUint32(header + 40, section.link ?? 0, little);
    view.setUint32(header + 44, section.info ?? 0, little);
    view.setBigUint64(header + 24, BigInt(at), little);
    view.setBigUint64(header + 32, BigInt(section.content.length), little);
    bytes.set(section.content, at);
    at += pad(section.content.length);
    name += section.name.length + 1;
  }
  return bytes;
}

/** What a module uses of the kernel, and where. */
interface WrittenUse {
  /** Undefined symbols; index in the symbol table is the place here plus 1. */
  readonly symbols?: readonly string[];
  readonly weak?: readonly string[];
  readonly relocations?: readonly WrittenRelocation[];
  readonly versions?: Readonly<Record<string, number>>;
  /** In the form that Linux 6.14 brought. */
  readonly extended?: Readonly<Record<string, number>>;
  /** Strings that compilers leave behind. */
  readonly comment?: readonly string[];
}

/** Against the symbol of that name; in .text unless said otherwise. */
export interface WrittenRelocation {
  readonly symbol: string;
  readonly type: number;
  readonly addend: number | bigint;
  readonly in?: ".text" | ".data" | ".debug_info";
}

const cString = (text: string): string => `${text}\0`;

/** The two sections of a symbol table; `index` is where in the file the first of them stands. */
export function symbolSections(names: readonly string[], index = 1, weak: readonly string[] = [], little = true): WrittenSection[] {
  const all = [...names, ...weak];
  const table = new Uint8Array((all.length + 1) * 24);
  const view = new DataView(table.buffer);
  let name = 1;
  for (const [at, symbol] of all.entries()) {
    view.setUint32((at + 1) * 24, name, little);
    view.setUint8((at + 1) * 24 + 4, (at < names.length ? 1 : 2) << 4);
    name += symbol.length + 1;
  }
  const strings = Buffer.from(`\0${all.map(cString).join("")}`);
  return [
    { name: ".symtab", content: table, type: 2, link: index + 1, info: 1 },
    { name: ".strtab", content: strings, type: 3 },
  ];
}

function relocationBytes(relocations: readonly WrittenRelocation[], symbols: readonly string[], little: boolean): Uint8Array {
  const bytes = new Uint8Array(relocations.length * 24);
  const view = new DataView(bytes.buffer);
  for (const [index, { symbol, type, addend }] of relocations.entries()) {
    view.setBigUint64(index * 24 + 8, (BigInt(symbols.indexOf(symbol) + 1) << 32n) | BigInt(type), little);
    view.setBigInt64(index * 24 + 16, BigInt(addend), little);
  }
  return bytes;
}

/** Bytes of __versions. */
export function versionBytes(versions: Readonly<Record<string, number>>, little = true): Uint8Array {
  const bytes = new Uint8Array(Object.keys(versions).length * 64);
  const view = new DataView(bytes.buffer);
  for (const [index, [symbol, crc]] of Object.entries(versions).entries()) {
    view.setBigUint64(index * 64, BigInt(crc), little);
    bytes.set(Buffer.from(symbol), index * 64 + 8);
  }
  return bytes;
}

function extendedSections(versions: Readonly<Record<string, number>>, little: boolean): WrittenSection[] {
  const crcs = new Uint8Array(Object.keys(versions).length * 4);
  const view = new DataView(crcs.buffer);
  for (const [index, crc] of Object.values(versions).entries()) view.setUint32(index * 4, crc, little);
  return [
    { name: "__version_ext_crcs", content: crcs },
    { name: "__version_ext_names", content: Buffer.from(Object.keys(versions).map(cString).join("")) },
  ];
}

const places = [
  { name: ".text", flags: 6, index: 3 },
  { name: ".data", flags: 3, index: 4 },
  { name: ".debug_info", flags: 0, index: 5 },
] as const;

/** A whole module as it comes out of a build, with a version and a build id, and what it uses of the kernel. */
export function writeModule(options: WriterOptions = {}, pairs: readonly string[] = exampleModinfo, use: WrittenUse = {}): Uint8Array {
  const little = options.littleEndian ?? true;
  const { symbols = ["kfree", "_printk"], weak = [], relocations = [], versions, extended, comment } = use;
  return writeElf(
    [
      ...symbolSections(symbols, 1, weak, little),
      ...places.map(({ name, flags }) => ({ name, flags, content: new Uint8Array(24) })),
      { name: ".note.gnu.build-id", content: noteBytes("GNU", 3, Buffer.from(exampleBuildId, "hex"), little), type: 7 },
      { name: ".modinfo", content: modinfoBytes(pairs) },
      ...(versions ? [{ name: "__versions", content: versionBytes(versions, little) }] : []),
      ...(extended ? extendedSections(extended, little) : []),
      ...(comment ? [{ name: ".comment", content: Buffer.from(`\0${comment.map(cString).join("")}`) }] : []),
      ...places.map(({ name, index }) => {
        const here = relocations.filter((relocation) => (relocation.in ?? ".text") === name);
        return { name: `.rela${name}`, content: relocationBytes(here, [...symbols, ...weak], little), type: 4, link: 1, info: index };
      }),
    ],
    options,
  );
}

export const exampleBuildId = "0123456789abcdef0123456789abcdef01234567";

export const exampleModinfo = [
  "version=1.2.3",
  "license=GPL",
  "alias=pci:v0000",
  "alias=pci:v0001",
  "srcversion=533BB7E5866E52F63B9ACCB",
  "depends=",
  "name=my_module",
  "vermagic=6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions ",
] as const;
