import { execFileSync } from "node:child_process";
import { readElf } from "../../src/kernel/elf_sections.ts";

/** A copy of a module; `change` gets the bytes of one of its sections to write on. */
function edited(ko: Uint8Array, section: string, change: (bytes: Buffer) => void): Uint8Array {
  const copy = Uint8Array.from(ko);
  const bytes = readElf(copy).section(section);
  if (bytes === undefined) throw new Error(`the module has no ${section} to damage`);
  change(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  return copy;
}

// struct modversion_info of a little-endian machine: eight bytes that begin with the CRC, the symbol's name, zeros.
const recordSize = 64;
const nameStart = 8;

/** The module with another CRC for a symbol that it uses: one bit differs. Knows `__versions` of little-endian machines only. */
export const withWrongCrc = (ko: Uint8Array, symbol: string): Uint8Array =>
  edited(ko, "__versions", (records) => {
    const name = Buffer.from(`${symbol}\0`);
    let at = 0;
    while (at < records.length && !name.equals(records.subarray(at + nameStart, at + nameStart + name.length))) at += recordSize;
    if (at >= records.length) throw new Error(`the module has no CRC for ${symbol}`);
    records.writeUInt8(records.readUInt8(at) ^ 1, at);
  });

/** The module with another value of the first text of that key in .modinfo, filled with zeros to the length of the true one. */
const withModinfo = (ko: Uint8Array, key: string, value: string): Uint8Array =>
  edited(ko, ".modinfo", (texts) => {
    const start = Buffer.concat([Buffer.of(0), texts]).indexOf(`\0${key}=`);
    if (start < 0) throw new Error(`the module's .modinfo has no ${key}`);
    const from = start + key.length + 1;
    const to = texts.indexOf(0, from);
    if (Buffer.byteLength(value) > to - from) throw new Error(`${key}=${value} is longer than ${texts.toString("latin1", from, to)}`);
    texts.fill(0, from, to);
    texts.write(value, from);
  });

/** The module with that whole vermagic, which may not be longer than the true one. */
export const withVermagic = (ko: Uint8Array, text: string): Uint8Array => withModinfo(ko, "vermagic", text);

/** The module with that name in .modinfo, which may not be longer than the true one. */
export const withName = (ko: Uint8Array, name: string): Uint8Array => withModinfo(ko, "name", name);

/** The module with one bit flipped in its code: that of byte `at` of .text. */
export const flipped = (ko: Uint8Array, at: number): Uint8Array =>
  edited(ko, ".text", (code) => code.writeUInt8(code.readUInt8(at) ^ 0x10, at));

/** The first half of the module's compressed form, as the program `zstd` makes it. */
export function truncatedZst(ko: Uint8Array): Uint8Array {
  const whole = execFileSync("zstd", ["--quiet", "--stdout"], { input: ko, maxBuffer: 2 * ko.length + 1024 });
  return Uint8Array.from(whole.subarray(0, whole.length / 2));
}
