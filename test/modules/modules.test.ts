import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { messageOf, ProofError } from "../../src/core/error.ts";
import { relocationsAgainst } from "../../src/kernel/elf_relocations.ts";
import { readElf } from "../../src/kernel/elf_sections.ts";
import { undefinedSymbols } from "../../src/kernel/elf_symbols.ts";
import { type ModuleInfo, readModule } from "../../src/kernel/module_info.ts";
import { proveCrcs } from "../../src/kernel/proof_crcs.ts";
import { formatSymvers, parseSymvers } from "../../src/kernel/symbol_crcs.ts";
import { parseSymbolMap } from "../../src/kernel/symbol_map.ts";
import { unpackModule } from "../../src/kernel/unpack.ts";
import { ensure } from "../lab/prerequisites.ts";
import { expectWithin } from "../quickness.ts";
import { type KernelPackage, kernelPackages } from "./kernel_packages.ts";
import { askModinfo, askModversions, askReadelf } from "./oracles.ts";

const packageOf = {
  modinfo: "kmod",
  modprobe: "kmod",
  readelf: "binutils",
  xz: "xz-utils",
  zstd: "zstd",
  "apt-get": "apt",
  "dpkg-deb": "dpkg",
};

/** The kernels to read, or none where this machine can't have them: that is said, and no failure. */
async function kernels(): Promise<readonly KernelPackage[]> {
  try {
    await ensure("the comparison with modinfo and readelf", packageOf);
  } catch (error) {
    console.warn(`real modules are not compared: ${messageOf(error)}`);
    return [];
  }
  return kernelPackages();
}

const found = await kernels();
const work = mkdtempSync(join(tmpdir(), "kofleet-oracle-"));
afterAll(() => rmSync(work, { recursive: true }));

/** Every n-th module, so that there are about 100 of all kinds. */
const sample = (modules: readonly string[]): readonly string[] => {
  const step = Math.max(1, Math.floor(modules.length / 100));
  return modules.filter((_, index) => index % step === 0);
};

const unpack = async (file: string): Promise<Uint8Array> => unpackModule(readFileSync(file));

// modinfo merges these two, and shows the signature as keys.
const isShownAsStored = ([key]: readonly [string, string]): boolean => !/^(?:parm|parmtype|sig_.*|signer|signature)$/.test(key);
const colons = (hex: string): string => (hex.toUpperCase().match(/../g) ?? []).join(":");

function expectAsModinfo(info: ModuleInfo, file: string): void {
  const shown = askModinfo(file);
  const own = [...info.modinfo].flatMap(([key, values]) => values.map((value) => [key, value] as const));
  expect(own.filter(isShownAsStored).sort()).toEqual(shown.filter(isShownAsStored).toSorted());
  const values = new Map(shown);
  expect(info.signature && { signer: info.signature.signer, key: colons(info.signature.keyId), digest: info.signature.digest }).toEqual(
    values.has("sig_key") ? { signer: values.get("signer"), key: values.get("sig_key"), digest: values.get("sig_hashalgo") } : undefined,
  );
}

function expectAsReadelf(bytes: Uint8Array, info: ModuleInfo, file: string): number {
  const shown = askReadelf(file);
  expect(info.buildId).toBe(shown.buildId);
  expect(info.compiler).toBe(shown.compiler);
  expect(info.undefinedSymbols).toEqual(shown.undefinedSymbols);
  const elf = readElf(bytes);
  const symbols = new Set(undefinedSymbols(elf).map(({ index }) => index));
  const own = [...relocationsAgainst(elf, symbols)].map(({ type, addend }) => `${type} ${addend}`);
  const theirs = shown.relocations.filter(({ symbol }) => symbols.has(symbol)).map(({ type, addend }) => `${type} ${addend}`);
  expect(own).toEqual(theirs);
  return own.length;
}

describe.each(found)("Linux $release", ({ release, modules, symvers, systemMap }) => {
  const chosen = sample(modules);

  test(`reads ${chosen.length} of ${modules.length} modules as modinfo, modprobe and readelf do`, async () => {
    expect(chosen.length).toBeGreaterThanOrEqual(100);
    const counts = { crcs: 0, relocations: 0, signed: 0, compilers: 0 };
    for (const [index, file] of chosen.entries()) {
      const bytes = await unpack(file);
      const plain = join(work, `${release}-${index}.ko`);
      writeFileSync(plain, bytes);
      const info = readModule(bytes);
      expectAsModinfo(info, plain);
      expect([...info.versions]).toEqual(askModversions(plain));
      counts.relocations += expectAsReadelf(bytes, info, plain);
      counts.crcs += info.versions.size;
      counts.signed += Number(info.signature !== undefined);
      counts.compilers += Number(info.compiler !== undefined);
      rmSync(plain);
    }
    console.log(`Linux ${release}: ${chosen.length} modules, ${JSON.stringify(counts)}, as modinfo, modprobe and readelf read them`);
  });

  test("every module fits its own kernel's CRCs, from the headers as from its modules, and reaches nothing by offset", async () => {
    const infos = await Promise.all(modules.map(async (file) => readModule(await unpack(file))));
    const headers = { known: { source: "Module.symvers", crcs: parseSymvers(readFileSync(symvers, "utf8")) } };
    const united = { known: { source: "its modules", crcs: parseSymvers(infos.map(({ versions }) => formatSymvers(versions)).join("")) } };
    const misfits = infos
      .flatMap((info) => [proveCrcs(info, headers), proveCrcs(info, united)])
      .filter(({ verdict }) => verdict !== "holds");
    expect(misfits).toEqual([]);
    expect(infos.filter(({ offsets }) => offsets.distances.length > 0 || offsets.isPartial)).toEqual([]);
    console.log(
      `Linux ${release}: all ${infos.length} modules read, each fits ${headers.known.crcs.size} and ${united.known.crcs.size} CRCs`,
    );
  });

  test("unpacks what xz, zstd and gzip pack", async () => {
    const plain = join(work, "packed.ko");
    const bytes = Buffer.from(await unpack(chosen[1] ?? ""));
    writeFileSync(plain, bytes);
    const pack = (program: string, ...args: string[]) => execFileSync(program, [...args, "-c", plain], { maxBuffer: 1 << 28 });
    const packed = [pack("xz", "--check=crc32", "--lzma2=dict=1MiB"), pack("zstd", "-q", "-19"), gzipSync(bytes)];
    for (const each of packed) expect(bytes.equals(await unpackModule(each))).toBe(true);
  });

  test("refuses, or reads, real modules that were damaged anywhere", async () => {
    const small = await Promise.all([10, 40, 70].map((at) => unpack(chosen[at] ?? "")));
    const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...small), damage, fc.double({ min: 0.5, max: 1, noNaN: true }), async (bytes, changes, kept) => {
        const damaged = Uint8Array.from(bytes.subarray(0, Math.ceil(bytes.length * kept)));
        for (const [at, value] of changes) damaged[Math.floor(at * (damaged.length - 1))] = value;
        await expectWithin(1000, () => {
          try {
            readModule(damaged);
          } catch (error) {
            if (!(error instanceof ProofError)) throw error;
          }
        });
      }),
      { numRuns: 600 },
    );
  });

  test("what Debian ships as System.map is no symbol map, and is called so", () => {
    expect(() => parseSymbolMap(readFileSync(systemMap, "utf8"))).toThrow("it is a stub");
  });
});

test.skipIf(found.length < 2)("a module of another kernel is refused by its CRCs", async () => {
  const [first, second] = found;
  const headers = { known: { source: "Module.symvers", crcs: parseSymvers(readFileSync(second?.symvers ?? "", "utf8")) } };
  const verdicts = await Promise.all(
    sample(first?.modules ?? []).map(async (file) => proveCrcs(readModule(await unpack(file)), headers).verdict),
  );
  expect(new Set(verdicts)).toEqual(new Set(["refused"]));
});
