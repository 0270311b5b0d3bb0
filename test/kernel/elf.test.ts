import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProofError } from "../../src/core/error.ts";
import { readModule } from "../../src/kernel/elf.ts";
import { exampleBuildId, exampleModinfo, modinfoBytes, writeElf, writeModule } from "./elf_writer.ts";

const reading = (bytes: Uint8Array) => () => readModule(bytes);

/** A copy of a file with some bytes replaced. */
const patched = (bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array => {
  const copy = bytes.slice();
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
      name: "my_module",
      version: "1.2.3",
      vermagic: "6.1.0-37-cloud-amd64 SMP preempt mod_unload modversions ",
      srcversion: "533BB7E5866E52F63B9ACCB",
      buildId: exampleBuildId,
    });
    expect(modinfo.get("alias")).toEqual(["pci:v0000", "pci:v0001"]);
    expect(modinfo.get("depends")).toEqual([""]);
  });

  test("without version, srcversion and build id", () => {
    const info = readModule(writeElf([{ name: ".modinfo", content: modinfoBytes(["name=x", "vermagic=6.1.0 SMP "]) }]));
    expect(Object.keys(info).toSorted()).toEqual(["machine", "modinfo", "name", "vermagic"]);
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

  test("with a signature behind it", () => {
    expect(readModule(Buffer.concat([writeModule(), Buffer.from("signature~Module signature appended~\n")])).version).toBe("1.2.3");
  });

  test("whose section without bits claims more than the file holds", () => {
    const content = modinfoBytes(exampleModinfo);
    const bytes = writeElf([
      { name: ".bss", content: new Uint8Array(), type: 8 },
      { name: ".modinfo", content },
    ]);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(Number(view.getBigUint64(40, true)) + 64 + 32, 1n << 40n, true);
    expect(readModule(bytes).name).toBe("my_module");
  });
});

describe("refuses", () => {
  const module = writeModule();
  const table = Number(new DataView(module.buffer).getBigUint64(40, true));

  test.each<[what: string, bytes: Uint8Array, message: string]>([
    ["nothing", new Uint8Array(), "it is not an ELF file"],
    ["a text", Buffer.from("#!/bin/sh\n"), "it is not an ELF file"],
    ["a page of HTML", Buffer.from("<html>404</html>"), "it is not an ELF file"],
    ["gzip", gzipSync(module), "it is compressed with gzip: unpack it first"],
    ["xz", Buffer.from("fd377a585a0000", "hex"), "it is compressed with xz: unpack it first"],
    ["zstd", Buffer.from("28b52ffd", "hex"), "it is compressed with zstd: unpack it first"],
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

  test("a module with some bytes changed", () => {
    const change = fc.tuple(fc.nat(writeModule().length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.boolean(), (changes, littleEndian) => {
        readsOrRefuses(changes.reduce((bytes, [at, value]) => patched(bytes, at, value), writeModule({ littleEndian })));
      }),
      { numRuns: 2000 },
    );
  });

  test("in linear time, when thousands of sections share one endless name", () => {
    const many = Array.from({ length: 20_000 }, () => ({ name: "", content: new Uint8Array() }));
    const bytes = writeElf([...many, { name: "x".repeat(1_000_000), content: new Uint8Array() }]);
    const start = performance.now();
    expect(reading(bytes)).toThrow("no .modinfo section");
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
