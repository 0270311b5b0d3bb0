import { execFileSync } from "node:child_process";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ProofError } from "../../src/core/error.ts";
import { writeTar } from "../../src/core/tar_writer.ts";
import { importedParts, readForeignPackage } from "../../src/store/imported.ts";
import { checkModule, refuseFailed } from "../../src/store/module_checks.ts";
import { packArtifact } from "../../src/store/package.ts";
import { packFiles } from "../../src/store/package_archive.ts";
import { packForVendor } from "../../src/store/vendor_package.ts";
import { exampleModinfo, writeModule } from "../kernel/elf_writer.ts";
import { kernel, log, module, partsOf, provenance, sha256 } from "./package_fixture.ts";

const own = (files: Readonly<Record<string, string | Uint8Array>>, sums?: string): Uint8Array => {
  const entries = Object.entries(files).map(([path, bytes]) => ({ path, bytes: Buffer.from(bytes) }));
  const all = sums ?? entries.map(({ path, bytes }) => `${sha256(bytes)}  ${path}\n`).join("");
  return packFiles([...entries, { path: "SHA256SUMS", bytes: Buffer.from(all) }]);
};
const { text } = partsOf();
const whole = { "module.ko": module, "provenance.json": text, "build.log": log };

/** What importing makes of bytes: everything up to the store. */
async function accept(bytes: Uint8Array): Promise<void> {
  const found = await readForeignPackage(bytes);
  const given = { distribution: "debian 12", kernelPackage: "1", source: "unknown" };
  const origin = { kind: "imported", by: "ada", from: "x.tar.gz", file: sha256(bytes), at: "2026-11-22T20:15:30.000Z" } as const;
  const parts = "provenance" in found ? found : importedParts(found, given, origin);
  refuseFailed(checkModule(parts.provenance, parts.module));
}

test("a package is read as it was packed, signature, log and all", async () => {
  const parts = { ...partsOf(), signature: "-----BEGIN SSH SIGNATURE-----\n" };
  expect(await readForeignPackage(packArtifact(parts))).toEqual({
    ...parts,
    module: Buffer.from(module),
    log: Buffer.from(log),
  });
  await accept(packArtifact(parts));
});

test("a package has what sha256sum and tar read, and is the same each time", () => {
  const bytes = packArtifact(partsOf());
  expect(bytes).toEqual(packArtifact(partsOf()));
  const archive = gunzipSync(bytes);
  expect(execFileSync("tar", ["-tf", "-"], { input: archive, encoding: "utf8" })).toBe(
    "SHA256SUMS\nbuild.log\nmodule.ko\nprovenance.json\n",
  );
  const sums = execFileSync("tar", ["-xOf", "-", "SHA256SUMS"], { input: archive, encoding: "utf8" });
  expect(sums).toContain(`${sha256(module)}  module.ko\n`);
});

test("a vendor's package holds the module under its own name, and its provenance", async () => {
  const bytes = packForVendor(partsOf());
  expect(execFileSync("tar", ["-tzf", "-"], { input: bytes, encoding: "utf8" })).toBe("my-module.ko\nprovenance.json\n");
  expect(await readForeignPackage(bytes)).toEqual({ provenance, text, module: Buffer.from(module) });
});

const xz = execFileSync("xz", ["-c", "--check=crc32"], { input: module });

test.each([
  ["bare", { path: "my_module.ko", bytes: module }, {}],
  ["in a folder, packed as xz", { path: "deep/my-module.ko.xz", bytes: xz }, { packed: { xz: sha256(xz) } }],
])("a package of the vendor's own making: %s", async (_, file, packed) => {
  const found = await readForeignPackage(packFiles([file, { path: "README", bytes: Buffer.from("text") }]));
  expect(found).toEqual({ path: file.path, module: Buffer.from(module), ...packed });
  if ("provenance" in found) throw new Error("nobody said where it comes from");
  const origin = { kind: "imported", by: "ada", from: "x.tar.gz", file: "0".repeat(64), at: "2026-11-22T20:15:30.000Z" } as const;
  const given = { distribution: "ubuntu 22.04", kernelPackage: "5.15.0-153.163", source: "unknown" };
  expect(importedParts(found, given, origin).provenance).toEqual({
    ...given,
    kernel,
    architecture: "x86_64",
    module: file.path === "my_module.ko" ? "my_module" : "my-module",
    version: "1.2.3",
    sha256: sha256(module),
    size: module.length,
    ...packed,
    vermagic: provenance.vermagic,
    srcversion: provenance.srcversion,
    origin,
  });
});

const one = (path: string, bytes: Uint8Array | string = module) => ({ path, bytes: Buffer.from(bytes) });
/** A tar header that says something else than our writer ever would. */
function forged(change: (header: Buffer) => void): Uint8Array {
  const archive = writeTar([one("module.ko")]);
  const header = archive.subarray(0, 512);
  change(header);
  header.write(" ".repeat(8), 148);
  header.write(
    `${header
      .reduce((total, byte) => total + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return gzipSync(archive);
}

const withInfo = (...pairs: readonly string[]): Uint8Array => {
  const keys = new Set(pairs.map((pair) => pair.split("=")[0]));
  return writeModule({}, [
    ...exampleModinfo.filter((pair) => !keys.has(pair.split("=")[0])),
    ...pairs.filter((pair) => !pair.endsWith("=")),
  ]);
};

const mebibyte = gzipSync(Buffer.alloc(2 ** 20));

test.each<[string, Uint8Array, string]>([
  ["no archive", Buffer.from("hello"), "incorrect header check"],
  ["no tar", gzipSync("hello"), "the archive is cut off"],
  ["nothing", packFiles([]), "0 module files"],
  ["a path that leads out", gzipSync(writeTar([one("../module.ko")])), "leads out of the archive"],
  ["an absolute path", gzipSync(writeTar([one("/etc/module.ko")])), "leads out of the archive"],
  ["a symbolic link", forged((header) => header.write("2", 156)), "is a link or a device"],
  ["a hard link", forged((header) => header.write("1", 156)), "is a link or a device"],
  ["a device", forged((header) => header.write("3", 156)), "is a link or a device"],
  ["a file larger than the archive", forged((header) => header.write("77777777777", 124)), "the archive is cut off"],
  ["a bomb", Buffer.concat(Array.from({ length: 140 }, () => mebibyte)), "one of more than 134217728 bytes"],
  ["a file twice", gzipSync(writeTar([one("module.ko"), one("module.ko")])), "a file is in it twice"],
  ["two modules", packFiles([one("a.ko"), one("b.ko.xz")]), "2 module files"],
  ["a module that is none", packFiles([one("a.ko", "hello")]), "it is not an ELF file"],
  ["a compressed module that is none", packFiles([one("a.ko.xz", Buffer.concat([xz.subarray(0, 40)]))]), "its compression (xz) is damaged"],
  ["a file of no package", own({ ...whole, "install.sh": "rm -rf /" }), "a file that no package has: install.sh"],
  ["no module", own({ "provenance.json": text }), "it has no module.ko"],
  ["no provenance", own({ "module.ko": module }), "it has no provenance.json"],
  [
    "a wrong sum",
    own(whole, `${"0".repeat(64)}  module.ko\n${"0".repeat(64)}  provenance.json\n${"0".repeat(64)}  build.log\n`),
    "SHA256SUMS says 0000",
  ],
  ["a missing sum", own(whole, `${sha256(module)}  module.ko\n`), "lists 1 files, and it has 3"],
  ["another log", own({ ...whole, "build.log": "other" }), "build.log has the sha256"],
  ["a provenance of nothing", own({ ...whole, "provenance.json": "{}" }), "is not a provenance"],
  ["a huge provenance", own({ ...whole, "provenance.json": " ".repeat(70_000) }), "too large for a provenance"],
  ["a provenance in another encoding", own({ ...whole, "provenance.json": Buffer.from([0xff, 0xfe]) }), "no text in UTF-8"],
  ["another module", own({ ...whole, "module.ko": withInfo("version=9") }), "sha256: it is"],
  ["another name", packArtifact(partsOf({ module: "other" })), 'name: it is "my_module", but must be "other"'],
  [
    "a key too long for a folder",
    packArtifact(partsOf({ kernelPackage: "1".repeat(100), distribution: "d".repeat(100) })),
    "its key is too long",
  ],
  ["another machine", packArtifact(partsOf({ architecture: "aarch64" })), 'machine: it is "x86_64", but must be "aarch64"'],
  ["another version", packArtifact(partsOf({ version: "2" })), 'version: the module says "1.2.3", but its provenance "2"'],
  ["another kernel", packArtifact(partsOf({ kernel: "6.1.0-38-amd64" })), `kernel: the module says "${kernel}"`],
  ["another vermagic", packArtifact(partsOf({ vermagic: "6.1" })), "vermagic: it is"],
  ["another srcversion", packArtifact(partsOf({ srcversion: "0" })), "srcversion: the module says"],
  ["a module without a version", packFiles([one("my_module.ko", withInfo("version="))]), "does not say its version"],
  ["a kernel that leads elsewhere", packFiles([one("my_module.ko", withInfo("vermagic=../../etc SMP"))]), "kernel"],
  ["a version that leads elsewhere", packFiles([one("my_module.ko", withInfo("version=../1"))]), "version"],
  ["a name that leads elsewhere", packFiles([one("x.ko", withInfo("name=../../x"))]), "module"],
])("refuses %s", async (_, bytes, message) => {
  const error: unknown = await accept(bytes).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProofError);
  expect(String(error)).toContain(message);
});

const archive = writeTar([
  {
    path: "SHA256SUMS",
    bytes: Buffer.from(
      Object.entries(whole)
        .map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`)
        .join(""),
    ),
  },
  ...Object.entries(whole).map(([path, bytes]) => one(path, bytes)),
]);

test("however a package is damaged, nothing is thrown but a ProofError", async () => {
  await accept(gzipSync(archive));
  await fc.assert(
    fc.asyncProperty(fc.nat(archive.length - 1), fc.nat(255), fc.constantFrom("cut", "change", "squeeze"), async (at, byte, damage) => {
      const damaged = Uint8Array.from(damage === "cut" ? archive.subarray(0, at) : archive);
      if (damage === "change") damaged[at] = byte;
      const packed = gzipSync(damaged);
      await accept(damage === "squeeze" ? packed.subarray(0, at % packed.length) : packed).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ProofError);
      });
    }),
  );
});

test("whatever the bytes are, nothing is thrown but a ProofError", async () => {
  const files = fc.array(
    fc.record({ path: fc.constantFrom("SHA256SUMS", "module.ko", "provenance.json", "x.ko.gz"), bytes: fc.uint8Array() }),
    {
      maxLength: 4,
    },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array(),
        files.map((some) => new Uint8Array(packFiles(some))),
      ),
      async (bytes) => {
        await expect(accept(bytes)).rejects.toThrow(ProofError);
      },
    ),
  );
});
