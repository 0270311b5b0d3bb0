import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProofError } from "../../src/core/error.ts";
import type { BaseOffsets } from "../../src/kernel/base_offsets.ts";
import { readElf } from "../../src/kernel/elf_sections.ts";
import { readModule } from "../../src/kernel/module_info.ts";
import { expectWithin } from "../quickness.ts";
import { issuedBy, pkcs7, sign } from "./certificate_fixture.ts";
import {
  exampleBuildId,
  exampleModinfo,
  modinfoBytes,
  symbolSections,
  type WrittenRelocation,
  writeElf,
  writeModule,
} from "./elf_writer.ts";

const endless = new Uint8Array(1_000_000).fill(0x78);

/** A module with one section more, and symbols of its own. */
const withSection = (name: string, content: Uint8Array, symbols = symbolSections([])): Uint8Array =>
  writeElf([...symbols, { name: ".modinfo", content: modinfoBytes(exampleModinfo) }, { name, content }]);

/** Bytes of __versions as Ubuntu's kernels have them: little-endian records of their own length, and a string's end. */
const packed = (...crcs: readonly (readonly [symbol: string, crc: number])[]): Buffer =>
  Buffer.concat([
    ...crcs.map(([symbol, crc]) => {
      const record = Buffer.alloc(8 + ((symbol.length + 4) & ~3));
      record.writeUInt32LE(record.length, 0);
      record.writeUInt32LE(crc, 4);
      record.write(symbol, 8);
      return record;
    }),
    Buffer.alloc(9),
  ]);

const reading = (bytes: Uint8Array) => () => readModule(bytes);

/** A copy of a file with some bytes replaced. */
const patched = (bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
};

describe("reads a module", () => {
  test.each([
    ["x86_64", 62, true],
    ["aarch64", 183, true],
    ["ppc64le", 21, true],
    ["ppc64", 21, false],
    ["s390x", 22, false],
    ["riscv64", 243, true],
    ["loongarch64", 258, true],
  ])("of %s", (machine, id, littleEndian) => {
    const { modinfo, ...info } = readModule(writeModule({ machine: id, littleEndian }));
    expect(info).toEqual({
      machine,
      size: expect.any(Number),
      name: "my_module",
      version: "1.2.3",
      vermagic: "6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions ",
      srcversion: "533BB7E5866E52F63B9ACCB",
      buildId: exampleBuildId,
      versions: new Map(),
      undefinedSymbols: ["kfree", "_printk"],
      offsets: { distances: [], isPartial: false },
    });
    expect(modinfo.get("alias")).toEqual(["pci:v0000", "pci:v0001"]);
    expect(modinfo.get("depends")).toEqual([""]);
  });

  test("without version, srcversion and build id", () => {
    const sections = [...symbolSections([]), { name: ".modinfo", content: modinfoBytes(["name=x", "vermagic=6.1.0 SMP "]) }];
    expect(readModule(writeElf(sections))).toEqual({
      machine: "x86_64",
      size: expect.any(Number),
      name: "x",
      vermagic: "6.1.0 SMP ",
      modinfo: expect.any(Map),
      versions: new Map(),
      undefinedSymbols: [],
      offsets: { distances: [], isPartial: false },
    });
  });

  test.each([
    [["GCC: (Debian 12.2.0-14) 12.2.0", "clang version 16.0.6"], "GCC: (Debian 12.2.0-14) 12.2.0"],
    [["x".repeat(5000)], "x".repeat(200)],
    [["GCC: \u001b[2J"], "GCC: "],
    [[], undefined],
    [[""], undefined],
  ])("with what compiled it: %j", (comment, compiler) => {
    expect(readModule(writeModule({}, exampleModinfo, { comment })).compiler).toBe(compiler);
  });

  test("with its section count in the first section header", () => {
    expect(readModule(writeModule({ extended: true })).name).toBe("my_module");
  });

  test("whose bytes lie inside a larger buffer", () => {
    const bytes = writeModule();
    const larger = new Uint8Array(bytes.length + 100).fill(0xaa);
    larger.set(bytes, 50);
    expect(readModule(larger.subarray(50, 50 + bytes.length)).name).toBe("my_module");
  });

  test("whose section without bits claims more than the file holds", () => {
    const content = modinfoBytes(exampleModinfo);
    const bytes = writeElf([{ name: ".bss", content: new Uint8Array(), type: 8 }, { name: ".modinfo", content }, ...symbolSections([], 3)]);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(Number(view.getBigUint64(40, true)) + 64 + 32, 1n << 40n, true);
    expect(readModule(bytes).name).toBe("my_module");
  });
});

describe("reads what a module uses of the kernel", () => {
  const versions = { module_layout: 0xfeedbeef, kfree: 0x01234567, a_symbol: 0 };
  const sorted = Object.entries(versions);

  test.each([true, false])("its CRCs, little endian: %s", (littleEndian) => {
    const options = { littleEndian, machine: littleEndian ? 62 : 22 };
    expect([...readModule(writeModule(options, exampleModinfo, { versions })).versions]).toEqual(sorted);
    expect([...readModule(writeModule(options, exampleModinfo, { extended: versions })).versions]).toEqual(sorted);
  });

  test("its CRCs in the extended form first, as the kernel does", () => {
    const extended = { a_very_long_name_such_as_those_that_rust_makes_of_its_paths_and_types: 1 };
    expect([...readModule(writeModule({}, exampleModinfo, { versions, extended })).versions]).toEqual(Object.entries(extended));
  });

  test("the symbols that it needs, but not the weak ones", () => {
    const module = writeModule({}, exampleModinfo, { symbols: ["kfree", "_printk"], weak: ["maybe"] });
    expect(readModule(module).undefinedSymbols).toEqual(["kfree", "_printk"]);
  });

  const use = (relocations: readonly WrittenRelocation[]) => ({ relocations });
  const kfree = (type: number, addend: number | bigint, place: WrittenRelocation["in"] = ".text") =>
    ({ symbol: "kfree", type, addend, in: place }) as const;

  test.each<[what: string, machine: number, relocations: readonly WrittenRelocation[], offsets: BaseOffsets]>([
    ["nothing but calls", 62, [kfree(4, -4), kfree(2, -4)], { distances: [], isPartial: false }],
    ["its address, as a callback", 62, [kfree(11, 0), kfree(1, 0, ".data")], { distances: [], isPartial: false }],
    ["movabs of an address before it", 62, [kfree(1, -0x9aaa7)], { distances: [-0x9aaa7], isPartial: false }],
    ["mov of an address behind it", 62, [kfree(11, 0x232220)], { distances: [0x232220], isPartial: false }],
    ["an initialised pointer", 62, [kfree(1, 0x232220, ".data")], { distances: [0x232220], isPartial: false }],
    ["an operand relative to the next instruction", 62, [kfree(2, 0x1854444)], { distances: [0x1854448], isPartial: false }],
    ["a difference among data", 62, [kfree(2, 8, ".data")], { distances: [8], isPartial: false }],
    ["several, once each, in their order", 62, [kfree(1, 64), kfree(1, -8), kfree(11, 64)], { distances: [-8, 64], isPartial: false }],
    [
      "an absolute address: it was built without that of kfree",
      62,
      [kfree(11, -0x7eadcbb0)],
      { distances: [-0x7eadcbb0], isPartial: false },
    ],
    ["an addend of 64 bits", 62, [kfree(1, -(2n ** 62n))], { distances: [-(2 ** 62)], isPartial: false }],
    ["another symbol", 62, [{ symbol: "_printk", type: 1, addend: 64 }], { distances: [], isPartial: false }],
    ["debugging information", 62, [kfree(1, 64, ".debug_info")], { distances: [], isPartial: false }],
    ["a relocation that shows no distance", 62, [kfree(9, -4)], { distances: [], isPartial: true }],
    ["page and low bits on aarch64, which instructions add to", 183, [kfree(275, 0), kfree(277, 0)], { distances: [], isPartial: true }],
    ["calls and an initialised pointer on aarch64", 183, [kfree(283, 0), kfree(257, 16, ".data")], { distances: [16], isPartial: false }],
    ["anything on s390x", 22, [kfree(19, 0x102)], { distances: [], isPartial: true }],
    ["anything else than kfree on s390x", 22, [{ symbol: "_printk", type: 19, addend: 2 }], { distances: [], isPartial: false }],
    ["anything on a machine that nobody described", 243, [kfree(2, 0)], { distances: [], isPartial: true }],
  ])("offsets: %s", (_, machine, relocations, offsets) => {
    expect(readModule(writeModule({ machine, littleEndian: machine !== 22 }, exampleModinfo, use(relocations))).offsets).toEqual(offsets);
  });
});

describe("refuses", () => {
  const module = writeModule();
  const table = Number(new DataView(module.buffer).getBigUint64(40, true));

  test.each<[what: string, bytes: Uint8Array, message: string]>([
    ["nothing", new Uint8Array(), "it is not an ELF file"],
    ["a text", Buffer.from("#!/bin/sh\n"), "it is not an ELF file"],
    ["a page of HTML", Buffer.from("<html>404</html>"), "it is not an ELF file"],
    ["gzip", gzipSync(module), "it is compressed (gz): unpack it first"],
    ["xz", Buffer.from("fd377a585a0000", "hex"), "it is compressed (xz): unpack it first"],
    ["zstd", Buffer.from("28b52ffd", "hex"), "it is compressed (zst): unpack it first"],
    ["a bare magic number", module.subarray(0, 4), "it is truncated: 4 bytes do not hold an ELF header"],
    ["a 32-bit file", patched(module, 4, 1), "it is not a 64-bit ELF file"],
    ["a strange byte order", patched(module, 5, 3), "its ELF byte order is neither little nor big endian (3)"],
    ["a program", writeModule({ type: 2 }), "it is not a relocatable object, as modules are (ELF type 2)"],
    ["a machine nobody knows", writeModule({ machine: 8 }), "it is built for a machine that kofleet does not know (ELF machine 8)"],
    ["no section table", patched(module, 40, 0, 0, 0, 0, 0, 0, 0, 0), "it has no ELF section table"],
    ["section headers of another size", patched(module, 58, 40), "it has no ELF section table"],
    [
      "a table beyond the end",
      patched(module, 40, ...Array<number>(8).fill(0xff)),
      "it is truncated or damaged: the section table ends at byte",
    ],
    ["too many sections", patched(module, 60, 0xff, 0xff), "it is truncated or damaged: the section table ends at byte"],
    ["names that are no section", patched(module, 62, 99), "it is damaged: its sections have no names"],
    ["a section beyond the end", patched(module, table + 64 + 24, 0xff, 0xff, 0xff), "it is truncated or damaged: section 1 ends at byte"],
    [
      "a section longer than memory",
      patched(module, table + 64 + 32, ...Array<number>(8).fill(0xff)),
      "it is truncated or damaged: section 1 ends at byte",
    ],
    [
      "an object that is no module",
      writeElf([{ name: ".text", content: new Uint8Array(8) }]),
      "it is no kernel module: it has no .modinfo section",
    ],
    ["a module without vermagic", writeModule({}, ["name=x"]), "it is no complete kernel module: its .modinfo has no vermagic"],
    ["a module without name", writeModule({}, ["vermagic=6.1.0"]), "it is no complete kernel module: its .modinfo has no name"],
    ["an empty vermagic", writeModule({}, ["name=x", "vermagic="]), "it is no complete kernel module: its .modinfo has no vermagic"],
  ])("%s", (_, bytes, message) => {
    expect(reading(bytes)).toThrow(ProofError);
    expect(reading(bytes)).toThrow(message);
  });

  test.each([
    ["CRCs", [["_printk", 0x122c3a7e] as const, ["module_layout", 0xffffffff] as const, ["kfree", 2] as const]],
    ["none", []],
  ])("%s of a kernel of Ubuntu", (_, crcs) => {
    expect([...readModule(withSection("__versions", packed(...crcs))).versions]).toEqual(crcs);
    if (crcs.length > 0) expect(packed(...crcs).subarray(0, 16)).toEqual(Buffer.from("\x10\0\0\0\x7e\x3a\x2c\x12_printk\0", "latin1"));
  });

  test.each<[what: string, versions: Uint8Array, message: string]>([
    ["half a record", new Uint8Array(65), "the record at byte 0 of __versions is cut short"],
    ["a list without an end", packed(["kfree", 2]).subarray(0, 16), "__versions is 16 bytes, and neither a table nor a list that ends"],
    [
      "a list that goes on behind its end",
      Buffer.concat([packed(), packed(["kfree", 2])]),
      "the record at byte 0 of __versions is cut short",
    ],
    ["a record longer than the list", packed(["kfree", 2]).fill(0x40, 0, 1), "the record at byte 0 of __versions is cut short"],
    ["a name without an end", Buffer.alloc(64, "x"), "the name at byte 0 of __versions has no end"],
    ["no name", new Uint8Array(64), "the name at byte 0 of __versions is empty"],
  ])("CRCs with %s", (_, content, message) => {
    expect(reading(withSection("__versions", content))).toThrow(message);
  });

  test("CRCs without names", () => {
    const bytes = writeModule({}, exampleModinfo, { extended: { kfree: 1 } });
    const at = Buffer.from(bytes).indexOf("kfree\0", Buffer.from(bytes).indexOf("kfree\0") + 1);
    expect(reading(patched(bytes, at + 5, 0x41))).toThrow("__version_ext_crcs is 4 bytes for 0 names");
  });

  test("a module that was stripped of its symbols", () => {
    expect(reading(writeElf([{ name: ".modinfo", content: modinfoBytes(exampleModinfo) }]))).toThrow("it has no symbol table");
  });

  test("symbols without names", () => {
    expect(reading(withSection("other", new Uint8Array(), symbolSections(["x"], 60)))).toThrow("its symbols have no names");
  });

  test("a symbol whose name never ends, at once", async () => {
    const long = symbolSections(Array<string>(20_000).fill("x")).map((section, index) =>
      index === 0 ? section : { ...section, content: endless },
    );
    const bytes = withSection("other", new Uint8Array(), long);
    await expectWithin(1000, () => expect(reading(bytes)).toThrow("the name of a symbol at byte 1 has no end"));
  });

  test("sections that are all of the file again and again", () => {
    const bytes = writeModule();
    const view = new DataView(bytes.buffer);
    for (const index of [3, 4]) {
      view.setBigUint64(table + index * 64 + 24, 0n, true);
      view.setBigUint64(table + index * 64 + 32, BigInt(bytes.length), true);
    }
    expect(reading(bytes)).toThrow("it is damaged: its sections overlap");
  });

  test("something behind its end", () => {
    expect(reading(Buffer.concat([module, Buffer.from("more")]))).toThrow(`4 bytes behind its end at ${module.length} are no signature`);
  });

  test("a billion sections that the first header claims, at once", () => {
    const bytes = writeModule({ extended: true });
    const view = new DataView(bytes.buffer);
    view.setBigUint64(Number(view.getBigUint64(40, true)) + 32, 1n << 62n, true);
    expect(reading(bytes)).toThrow("it is truncated or damaged: the section table ends at byte");
  });

  test("every truncation", () => {
    for (let size = 0; size < module.length; size++) expect(reading(module.subarray(0, size)), `${size} bytes`).toThrow(ProofError);
  });
});

describe("whatever the bytes are, it reads or refuses", () => {
  const readsOrRefuses = (bytes: Uint8Array): void => {
    try {
      const { name, vermagic } = readModule(bytes);
      expect(name.length * vermagic.length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(ProofError);
    }
  };

  test("random bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), readsOrRefuses));
  });

  test("random bytes behind a good header", () => {
    const header = writeModule().subarray(0, 64);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (rest) => readsOrRefuses(Buffer.concat([header, rest]))));
  });

  /** With all that is read, and signed. */
  const full = (littleEndian: boolean): Uint8Array => {
    const versions = { kfree: 1, _printk: 2 };
    const relocations = [1, 2, 4, 11].map((type) => ({ symbol: "kfree", type, addend: -4 }));
    const module = writeModule({ littleEndian }, exampleModinfo, { versions, extended: versions, weak: ["maybe"], relocations });
    return sign(module, pkcs7(issuedBy("us", "01")));
  };
  const whole = [full(true), full(false)];
  const changed = (bytes: Uint8Array, changes: readonly (readonly [at: number, values: readonly number[]])[]): Uint8Array =>
    changes.reduce((copy, [at, values]) => patched(copy, Math.min(at, copy.length - values.length), ...values), bytes);

  test("a module with some bytes changed", () => {
    const change = fc.tuple(fc.nat(full(true).length - 1), fc.array(fc.nat(255), { minLength: 1, maxLength: 1 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.constantFrom(...whole), (changes, bytes) =>
        readsOrRefuses(changed(bytes, changes)),
      ),
      { numRuns: 800 },
    );
  });

  test("a module whose headers claim wild numbers", () => {
    const sections = 16;
    const at = fc.oneof(
      fc.nat(63),
      fc.nat(sections * 64 - 1).map((offset) => offset - sections * 64),
    );
    const values = fc.constantFrom(
      [0],
      [1],
      [0x7f],
      [0x80],
      [0xff],
      Array<number>(4).fill(0xff),
      Array<number>(8).fill(0xff),
      [0, 0, 0, 1],
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(at, values), { minLength: 1, maxLength: 4 }), fc.constantFrom(...whole), (changes, signed) => {
        const bytes = signed.subarray(0, readElf(signed).end);
        readsOrRefuses(
          changed(
            bytes,
            changes.map(([where, value]) => [where < 0 ? bytes.length + where : where, value] as const),
          ),
        );
      }),
      { numRuns: 800 },
    );
  });

  test("in linear time, when thousands of sections share one endless name", async () => {
    const many = Array.from({ length: 40_000 }, () => ({ name: "", content: new Uint8Array() }));
    // Looking through all of it for each section would be a pass over 160 GB.
    const bytes = writeElf([...many, { name: "x".repeat(4_000_000), content: new Uint8Array() }]);
    await expectWithin(5000, () => expect(reading(bytes)).toThrow("no .modinfo section"));
  });
});
