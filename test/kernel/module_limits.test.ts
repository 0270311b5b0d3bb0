import { expect, test } from "vitest";
import { ProofError } from "../../src/core/error.ts";
import { readModule } from "../../src/kernel/module_info.ts";
import { largestModinfo, largestNames, mostSections, mostSignatures, mostSymbols } from "../../src/kernel/module_limits.ts";
import { collectGarbage } from "../memory.ts";
import { exampleModinfo, modinfoBytes, noteBytes, symbolSections, type WrittenSection, writeElf, writeModule } from "./elf_writer.ts";

const mebibyte = 2 ** 20;
const modinfo = { name: ".modinfo", content: modinfoBytes(exampleModinfo) };

const moduleWith = (...sections: readonly WrittenSection[]): Uint8Array => writeElf([...symbolSections([]), modinfo, ...sections]);

/** So many bytes of .modinfo, with as many different keys as they hold. */
function withKeys(size: number): Uint8Array {
  const content = Buffer.alloc(size);
  content.set(modinfo.content);
  let at = modinfo.content.length;
  for (let key = 0; at < size - 8; key += 1) at += content.write(`${key.toString(36)}=\0`, at);
  return writeElf([...symbolSections([]), { name: ".modinfo", content }]);
}

/** Undefined symbols that all share one name of so many bytes. */
function sharedName(count: number, length: number): Uint8Array {
  const table = Buffer.alloc((count + 1) * 24);
  for (let index = 1; index <= count; index += 1) table.writeUInt32LE(1, index * 24);
  return writeElf([
    { name: ".symtab", content: table, type: 2, link: 2 },
    { name: ".strtab", content: Buffer.from(`\0${"x".repeat(length)}\0`), type: 3 },
    modinfo,
  ]);
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `symbol_${index.toString(36).padStart(24, "0")}`);

function crcTable(count: number): Uint8Array {
  const table = Buffer.alloc(count * 64);
  for (const [index, name] of names(count).entries()) table.write(name, index * 64 + 8);
  return moduleWith({ name: "__versions", content: table });
}

/** Ubuntu's list, with records as short as they can be. */
function crcList(count: number): Uint8Array {
  const list = Buffer.alloc(count * 16 + 9);
  for (let index = 0; index < count; index += 1) {
    list.writeUInt32LE(16, index * 16);
    list.write(index.toString(36), index * 16 + 8);
  }
  return moduleWith({ name: "__versions", content: list });
}

const extendedCrcs = (count: number, text = names(count).join("\0")): Uint8Array =>
  moduleWith(
    { name: "__version_ext_crcs", content: new Uint8Array(count * 4) },
    { name: "__version_ext_names", content: Buffer.from(`${text}\0`) },
  );

function distances(count: number): Uint8Array {
  const bytes = Buffer.alloc(count * 24);
  for (let index = 0; index < count; index += 1) {
    bytes.writeUInt32LE(1, index * 24 + 8);
    bytes.writeUInt32LE(1, index * 24 + 12);
    bytes.writeUInt32LE(index + 1, index * 24 + 16);
  }
  return writeElf([
    ...symbolSections(["kfree"]),
    modinfo,
    { name: ".text", flags: 6, content: new Uint8Array(8) },
    { name: ".rela.text", content: bytes, type: 4, link: 1, info: 4 },
  ]);
}

const empty = { name: "", content: new Uint8Array() };
// Beside those that are given: the first, which is none, and those of symbols, of .modinfo and of names.
const sections = (count: number): Uint8Array =>
  writeElf([...symbolSections([]), modinfo, ...Array<WrittenSection>(count - 5).fill(empty)], { extended: true });

const notes = (size: number, last: Uint8Array): Uint8Array => {
  const other = noteBytes("GNU", 1, new Uint8Array());
  const content = Buffer.concat([Buffer.alloc(size, other), last]);
  return moduleWith({ name: ".note.gnu.build-id", content, type: 7 });
};
const buildId = (size: number): Uint8Array => noteBytes("GNU", 3, new Uint8Array(size));

/** Signatures that are empty, each over all before it. */
const signatures = (count: number): Uint8Array => {
  const one = Buffer.concat([Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("~Module signature appended~\n")]);
  return Buffer.concat([writeModule(), Buffer.alloc(one.length * count, one)]);
};

/** What comes of it: the text of the error, or nothing. */
function refusalOf(bytes: Uint8Array): string | undefined {
  try {
    readModule(bytes);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ProofError);
    return (error as Error).message;
  }
}

interface Cost {
  readonly milliseconds: number;
  readonly mebibytes: number;
}

/** What reading takes, garbage that is still there among it. */
function costOf(work: () => void): Cost {
  collectGarbage();
  const [before, start] = [process.memoryUsage().heapUsed, performance.now()];
  work();
  return { milliseconds: performance.now() - start, mebibytes: (process.memoryUsage().heapUsed - before) / mebibyte };
}

/** The least of five times: a machine that others use too may hold up any one of them, but not all. */
function expectCheap(work: () => void, most: Cost): void {
  let least: Cost = { milliseconds: Number.POSITIVE_INFINITY, mebibytes: Number.POSITIVE_INFINITY };
  for (let tries = 0; tries < 5 && (least.milliseconds > most.milliseconds || least.mebibytes > most.mebibytes); tries += 1) {
    const cost = costOf(work);
    least = { milliseconds: Math.min(least.milliseconds, cost.milliseconds), mebibytes: Math.min(least.mebibytes, cost.mebibytes) };
  }
  expect(least.milliseconds).toBeLessThan(most.milliseconds);
  expect(least.mebibytes).toBeLessThan(most.mebibytes);
}

const nameSize = largestNames / mostSymbols;

test.each<[what: string, bytes: () => Uint8Array]>([
  ["keys of .modinfo", () => withKeys(largestModinfo)],
  ["symbols, and bytes of their names", () => sharedName(mostSymbols, nameSize - 1)],
  ["CRCs in a table", () => crcTable(mostSymbols)],
  ["CRCs in a list", () => crcList(mostSymbols)],
  ["CRCs in the extended form", () => extendedCrcs(mostSymbols)],
  ["distances from kfree", () => distances(mostSymbols)],
  ["sections", () => sections(mostSections)],
  ["notes before a build id", () => notes(60 * mebibyte, buildId(20))],
])("reads the most %s that it takes, quickly and in little memory", (_, bytesOf) => {
  const bytes = bytesOf();
  expect(refusalOf(bytes)).toBeUndefined();
  expectCheap(() => refusalOf(bytes), { milliseconds: 2000, mebibytes: 64 });
});

test.each<[what: string, bytes: () => Uint8Array, excess: string]>([
  ["one byte of .modinfo", () => withKeys(largestModinfo + 1), "1048577 bytes of .modinfo, the limit is 1048576"],
  ["4 MiB of .modinfo", () => withKeys(4 * mebibyte), "4194304 bytes of .modinfo, the limit is 1048576"],
  ["one symbol", () => sharedName(mostSymbols + 1, 1), "65537 undefined symbols, the limit is 65536"],
  ["millions of symbols", () => sharedName(2_600_000, 1), "65537 undefined symbols, the limit is 65536"],
  ["one byte of names", () => sharedName(mostSymbols, nameSize), "2097183 bytes of names of undefined symbols, the limit is 2097152"],
  ["symbols that share a long name", () => sharedName(2_600_000, 511), "2097152"],
  ["one CRC in a table", () => crcTable(mostSymbols + 1), "4194368 bytes of __versions, the limit is 4194304"],
  ["one CRC in a list", () => crcList(mostSymbols + 1), "65537 symbol CRCs, the limit is 65536"],
  ["one CRC in the extended form", () => extendedCrcs(mostSymbols + 1), "65537 symbol CRCs, the limit is 65536"],
  [
    "one byte of names in the extended form",
    () => extendedCrcs(1, "x".repeat(largestNames)),
    "2097153 bytes of __version_ext_names, the limit is 2097152",
  ],
  ["one distance from kfree", () => distances(mostSymbols + 1), "65537 distances from kfree, the limit is 65536"],
  ["millions of distances from kfree", () => distances(2_600_000), "65537 distances from kfree, the limit is 65536"],
  ["one section", () => sections(mostSections + 1), "65537 sections, the limit is 65536"],
  ["half a million sections", () => sections(500_000), "500000 sections, the limit is 65536"],
  ["one signature", () => signatures(mostSignatures + 1), "101 signatures, the limit is 100"],
  ["a million signatures", () => signatures(1_500_000), "101 signatures, the limit is 100"],
])("refuses %s too much, quickly and in little memory", (_, bytesOf, excess) => {
  const bytes = bytesOf();
  expect(refusalOf(bytes)).toContain("it holds too much for a module: ");
  expect(refusalOf(bytes)).toContain(excess);
  expectCheap(() => refusalOf(bytes), { milliseconds: 2000, mebibytes: 64 });
});

test("takes no megabytes for a build id", () => {
  expect(readModule(notes(0, buildId(64))).buildId).toBe("0".repeat(128));
  expect(readModule(notes(0, buildId(20 * mebibyte))).buildId).toBeUndefined();
});
