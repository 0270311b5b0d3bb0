/** One section of a synthetic object file. */
export interface WrittenSection {
  readonly name: string;
  readonly content: Uint8Array;
  /** SHT_PROGBITS unless given. */
  readonly type?: number;
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
  const all = [...sections, { name: ".shstrtab", content: names, type: 3 }];
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
    view.setBigUint64(header + 24, BigInt(at), little);
    view.setBigUint64(header + 32, BigInt(section.content.length), little);
    bytes.set(section.content, at);
    at += pad(section.content.length);
    name += section.name.length + 1;
  }
  return bytes;
}

/** A whole module as it comes out of a build, with a version and a build id. */
export const writeModule = (options: WriterOptions = {}, pairs: readonly string[] = exampleModinfo): Uint8Array =>
  writeElf(
    [
      { name: ".text", content: new Uint8Array(24) },
      { name: ".note.gnu.build-id", content: noteBytes("GNU", 3, Buffer.from(exampleBuildId, "hex"), options.littleEndian), type: 7 },
      { name: ".modinfo", content: modinfoBytes(pairs) },
    ],
    options,
  );

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
