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

const xz = (bytes: Uint8Array): Buffer => execFileSync("xz", ["-c", "--check=crc32"], { input: bytes });
const packed = xz(module);
/** A frame of zstd with one block that is not compressed, by RFC 8878. */
function zst(bytes: Uint8Array): Buffer {
  const header = Buffer.from("28b52ffda0", "hex");
  const sizes = Buffer.alloc(7);
  sizes.writeUInt32LE(bytes.length);
  sizes.writeUIntLE(bytes.length * 8 + 1, 4, 3);
  return Buffer.concat([header, sizes, bytes]);
}

const one = (path: string, bytes: Uint8Array | string = module) => ({ path, bytes: Buffer.from(bytes) });
/** A tar archive of a module whose header says something else than our writer ever would. */
function forged(path: string, change: (header: Buffer) => void): Buffer {
  const archive = writeTar([one(path)]);
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
  return archive;
}

/** The header alone of something that is no file, as tar writes it. */
const special = (type: string, path: string): Buffer =>
  forged(path, (header) => {
    header.write(type, 156);
    header.write("00000000000", 124);
  }).subarray(0, 512);

const withInfo = (...pairs: readonly string[]): Uint8Array => {
  const keys = new Set(pairs.map((pair) => pair.split("=")[0]));
  return writeModule({}, [
    ...exampleModinfo.filter((pair) => !keys.has(pair.split("=")[0])),
    ...pairs.filter((pair) => !pair.endsWith("=")),
  ]);
};

const named = (name: string): Uint8Array => withInfo(`name=${name}`);
const bare = one("my_module.ko");
const readme = one("README", "text");

test.each<[what: string, bytes: Uint8Array, wanted: string | undefined, name: string, digests?: object]>([
  ["bare", packFiles([bare, readme]), undefined, "my_module"],
  [
    "in a folder, packed as xz",
    packFiles([one("deep/my-module.ko.xz", packed)]),
    undefined,
    "my-module",
    { packed: { xz: sha256(packed) } },
  ],
  ["as its manifest spells it", packFiles([bare]), "my-module", "my-module"],
  ["in a file of another name", packFiles([one("built.ko")]), undefined, "my_module"],
  ["in a plain tar", writeTar([bare, readme]), undefined, "my_module"],
  ["in a .tar.xz", xz(writeTar([bare])), undefined, "my_module"],
  ["in a .tar.zst", zst(writeTar([bare])), undefined, "my_module"],
  [
    "beside other modules",
    packFiles([one("a.ko", named("a")), one("x.ko.xz", packed), one("z/a.ko", named("a"))]),
    "my_module",
    "my_module",
    { packed: { xz: sha256(packed) } },
  ],
  [
    "beside links to it and to elsewhere, and devices",
    Buffer.concat([
      special("2", "../my_module.ko"),
      special("1", "/my-module.ko"),
      special("3", "my_module.ko.gz"),
      special("5", "x.ko"),
      writeTar([bare]),
    ]),
    "my-module",
    "my-module",
  ],
])("a package of the vendor's own making: %s", async (_, bytes, wanted, name, digests = {}) => {
  const found = await readForeignPackage(bytes, wanted);
  expect({ ...found, module: Buffer.from(found.module) }).toEqual({ name, module: Buffer.from(module), ...digests });
  if ("provenance" in found) throw new Error("nobody said where it comes from");
  const origin = { kind: "imported", by: "ada", from: "x.tar.gz", file: "0".repeat(64), at: "2026-11-22T20:15:30.000Z" } as const;
  const given = { distribution: "ubuntu 22.04", kernelPackage: "5.15.0-153.163", source: "unknown" };
  expect(importedParts(found, given, origin).provenance).toEqual({
    ...given,
    kernel,
    architecture: "x86_64",
    module: name,
    version: "1.2.3",
    sha256: sha256(module),
    size: module.length,
    ...digests,
    vermagic: provenance.vermagic,
    srcversion: provenance.srcversion,
    origin,
  });
});

test("the provenance in a vendor's package says which of its modules it is", async () => {
  const bytes = packFiles([one("a.ko", named("a")), one("my-module.ko"), one("provenance.json", text)]);
  expect(await readForeignPackage(bytes)).toEqual({ provenance, text, module: Buffer.from(module) });
});

test.each<[what: string, bytes: Uint8Array, message: string]>([
  [
    "without it",
    packFiles([one("deep/a.ko", named("a_b")), one("c.ko.xz", xz(named("c")))]),
    'expected exactly one module "my_module" in it, not 0: c.ko.xz is "c", deep/a.ko is "a_b"',
  ],
  [
    "with two of it",
    packFiles([one("a.ko", named("a")), one("x/my_module.ko"), one("y/my-module.ko.xz", packed)]),
    'expected exactly one module "my_module" in it, not 2: x/my_module.ko is "my_module", y/my-module.ko.xz is "my_module"',
  ],
  ["with a file of that name only", packFiles([one("my_module.ko", named("a"))]), 'not 0: my_module.ko is "a"'],
  [
    "with a link of that name only",
    Buffer.concat([special("2", "my_module.ko"), writeTar([readme])]),
    "not 0: none of its files is a *.ko",
  ],
  ["with a damaged one", packFiles([bare, one("a.ko", "hello")]), "a.ko: it is not an ELF file"],
  [
    "of kofleet's own, of another",
    packArtifact(partsOf({ module: "other" }, named("other"))),
    'it is a package of "other", not of "my-module"',
  ],
])("one module is wanted, and refused is a package %s", async (_, bytes, message) => {
  const error: unknown = await readForeignPackage(bytes, "my-module").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProofError);
  expect(String(error)).toContain(message);
});

/** A module that is nothing but long: 60 MiB. */
const long = gzipSync(writeModule({}, exampleModinfo, { comment: ["x".repeat(60 * 2 ** 20)] }));
const mebibyte = gzipSync(Buffer.alloc(2 ** 20));

test.each<[string, Uint8Array, string]>([
  ["no archive", Buffer.from("hello"), "the archive is cut off"],
  ["a module that is in no archive", module, "it is no tar archive"],
  ["no tar", gzipSync("hello"), "the archive is cut off"],
  ["nothing", packFiles([]), "not 0: none of its files is a *.ko"],
  ["a path that leads out", gzipSync(writeTar([one("../module.ko")])), "leads out of the archive"],
  ["an absolute path", gzipSync(writeTar([one("/etc/module.ko")])), "leads out of the archive"],
  ["a file larger than the archive", forged("x.ko", (header) => header.write("77777777777", 124)), "the archive is cut off"],
  ["a bomb", Buffer.concat(Array.from({ length: 140 }, () => mebibyte)), "it unpacks to more than 134217728 bytes"],
  [
    "modules that are bombs together",
    packFiles(["a", "b", "c"].map((name) => one(`${name}.ko.gz`, long))),
    "c.ko.gz: its compression (gz) is damaged, or it unpacks to more than",
  ],
  ["too many files", gzipSync(writeTar(Array.from({ length: 10_001 }, (_, index) => one(`${index}`, "")))), "it has 10001 files"],
  ["a file twice", gzipSync(writeTar([one("module.ko"), one("module.ko")])), "a file is in it twice"],
  ["two modules", packFiles([one("a.ko", named("a")), bare]), 'not 2: a.ko is "a", my_module.ko is "my_module"; -m MANIFEST says which'],
  ["a module that is none", packFiles([one("a.ko", "hello")]), "it is not an ELF file"],
  ["a compressed module that is none", packFiles([one("a.ko.xz", packed.subarray(0, 40))]), "its compression (xz) is damaged"],
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
  ["a version that is the folder above", packFiles([one("my_module.ko", withInfo("version=.."))]), "as a word\n  → at version"],
  ["a distribution that leads elsewhere", packArtifact(partsOf({ distribution: ".. 22" })), "as a word\n  → at distribution"],
  ["a release that leads elsewhere", packArtifact(partsOf({ distribution: "debian .." })), "as a word\n  → at distribution"],
  ["a kernel's package that leads elsewhere", packArtifact(partsOf({ kernelPackage: ".." })), "as a word\n  → at kernelPackage"],
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
