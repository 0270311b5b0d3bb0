import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { ProofError } from "../../src/core/error.ts";
import { packingOf } from "../../src/kernel/compression.ts";
import { readElf } from "../../src/kernel/elf_sections.ts";
import { readModule } from "../../src/kernel/module_info.ts";
import { unpackModule } from "../../src/kernel/unpack.ts";
import { flipped, truncatedZst, withName, withVermagic, withWrongCrc } from "../e2e/damaged_modules.ts";
import { exampleModinfo, writeModule } from "../kernel/elf_writer.ts";

const ko = writeModule({}, exampleModinfo, { versions: { _printk: 0x92997ed8, kfree: 0x037a0cba, kfree_rcu: 0x12345678 } });
const whole = readModule(ko);
const vermagic = "6.1.0-00-cloud-amd64 SMP preempt mod_unload modversions ";

/** The file without the bytes of that section. */
function around(bytes: Uint8Array, section: string): Uint8Array {
  const copy = Uint8Array.from(bytes);
  readElf(copy).section(section)?.fill(0);
  return copy;
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const modinfoWith = (key: string, value: string) => new Map(whole.modinfo).set(key, [value]);
const bitsOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);

describe("a damaged module is what it claims, and nothing else of it changed", () => {
  test.each([
    ["another CRC", withWrongCrc(ko, "kfree"), "__versions", { versions: new Map(whole.versions).set("kfree", 0x037a0cbb) }],
    ["a vermagic of the same length", withVermagic(ko, vermagic), ".modinfo", { vermagic, modinfo: modinfoWith("vermagic", vermagic) }],
    ["a shorter vermagic", withVermagic(ko, "6.1.0 "), ".modinfo", { vermagic: "6.1.0 ", modinfo: modinfoWith("vermagic", "6.1.0 ") }],
    ["a name of the same length", withName(ko, "no_module"), ".modinfo", { name: "no_module", modinfo: modinfoWith("name", "no_module") }],
    ["a shorter name", withName(ko, "xt_y"), ".modinfo", { name: "xt_y", modinfo: modinfoWith("name", "xt_y") }],
    ["a bit of its code", flipped(ko, 7), ".text", {}],
  ])("%s", (_, damaged, section, changed) => {
    expect(readModule(damaged)).toEqual({ ...whole, ...changed });
    expect(isEqual(around(damaged, section), around(ko, section))).toBe(true);
    expect(isEqual(damaged, ko)).toBe(false);
  });

  test.each([
    ["CRC", withWrongCrc(ko, "_printk")],
    ["code", flipped(ko, 23)],
  ])("one bit of the %s", (_, damaged) => {
    expect(bitsOf(damaged.map((byte, index) => byte ^ (ko[index] ?? 0)))).toBe(1);
  });

  test("the first of several keys, and one whose name ends like another's", () => {
    const odd = writeModule({}, ["name=first", "filename=other", "vermagic=6.1.0 SMP ", "name=second"]);
    expect(readModule(withName(odd, "x")).modinfo.get("name")).toEqual(["x", "second"]);
    const hidden = writeModule({}, ["filename=other", "vermagic=6.1.0 SMP ", "name=first"]);
    expect(readModule(withName(hidden, "x"))).toMatchObject({
      name: "x",
      modinfo: new Map([...readModule(hidden).modinfo, ["name", ["x"]]]),
    });
  });
});

test("the module that is damaged stays as it was", () => {
  const before = Uint8Array.from(ko);
  withWrongCrc(ko, "kfree");
  withName(ko, "x");
  flipped(ko, 0);
  expect(isEqual(ko, before)).toBe(true);
});

test.each([
  ["a CRC that it has not", () => withWrongCrc(ko, "kfre"), "no CRC for kfre"],
  ["a module without CRCs", () => withWrongCrc(writeModule(), "kfree"), "no __versions"],
  ["a longer vermagic", () => withVermagic(ko, `${vermagic}x`), "is longer than 6.1.0-37-cloud-amd64"],
  ["a longer name", () => withName(ko, "my_modules"), "name=my_modules is longer than my_module"],
  ["a byte behind its code", () => flipped(ko, 24), "out of range"],
])("can't damage %s", (_, damage, message) => {
  expect(damage).toThrow(message);
});

const hasZstd = (): boolean => {
  try {
    return execFileSync("zstd", ["--version"], { stdio: "pipe" }).length > 0;
  } catch {
    return false;
  }
};

test.skipIf(!hasZstd())("a compressed module that was cut is still known as one, and can't be unpacked", async () => {
  const cut = truncatedZst(ko);
  expect(packingOf(cut)).toBe("zst");
  await expect(unpackModule(cut)).rejects.toThrow(ProofError);
});
