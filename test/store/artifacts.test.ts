import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, expect, test } from "vitest";
import { artifactName, type Provenance } from "../../src/core/artifact.ts";
import { ProofError } from "../../src/core/error.ts";
import { openArtifactStore } from "../../src/store/artifacts.ts";
import { fileNames } from "../../src/store/stored_files.ts";
import { signer, unsigned } from "./signing_fixture.ts";

const bytesOf = (text: string) => Buffer.from(text);
const provenanceOf = (bytes: Uint8Array, more: Partial<Provenance> = {}): Provenance => ({
  distribution: "debian 12",
  kernel: "6.1.0-37-amd64",
  kernelPackage: "6.1.140-1",
  architecture: "x86_64",
  module: "dattobd",
  version: "0.12.0",
  source: "c0ffee".repeat(10),
  sha256: createHash("sha256").update(bytes).digest("hex"),
  size: bytes.length,
  vermagic: "6.1.0-37-amd64 SMP preempt mod_unload modversions ",
  srcversion: "533BB7E5866E52F63B9ACCB",
  origin: { kind: "built", builder: "build1", at: "2026-11-22T20:15:30.000Z", run: "20261122-201530-4f3a" },
  ...more,
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "artifacts-"));
});

const bytes = bytesOf("\x7fELF one");
const provenance = provenanceOf(bytes);

test("gives back what was added, with its log beside it", async () => {
  const store = openArtifactStore(join(folder, "not", "yet", "there"), unsigned);
  const added = await store.add(provenance, bytes, "make: done\n");
  const found = await store.find(provenance);
  const log = createHash("sha256").update("make: done\n").digest("hex");
  expect(found).toEqual({ ...added, signature: { kind: "unsigned" } });
  expect(found?.provenance).toEqual({ ...provenance, log });
  expect(readFileSync(found?.path ?? "")).toEqual(bytes);
  expect(readFileSync(join(dirname(found?.path ?? ""), `${log}.log`), "utf8")).toBe("make: done\n");
  expect(await store.list()).toEqual([added]);
});

test("has nothing before anything was added", async () => {
  const store = openArtifactStore(join(folder, "absent"), unsigned);
  expect(await store.find(provenance)).toBeUndefined();
  expect(await store.list()).toEqual([]);
});

test.each<Partial<Provenance>>([
  { distribution: "ubuntu 24.04" },
  { kernel: "6.1.0-38-amd64" },
  { kernelPackage: "6.1.147-1" },
  { architecture: "aarch64" },
  { module: "other" },
  { version: "0.12.1" },
  // These two have the same name of a folder.
  { source: `${"c0ffee".repeat(9)}c0ffe0` },
  { distribution: "debian_12" },
])("does not take another artifact for it: %j", async (other) => {
  const store = openArtifactStore(folder, unsigned);
  await store.add(provenance, bytes);
  expect(await store.find({ ...provenance, ...other })).toBeUndefined();
});

test("replaces the artifact of a key", async () => {
  const store = openArtifactStore(folder, unsigned);
  await store.add(provenance, bytes);
  const rebuilt = bytesOf("\x7fELF two");
  await store.add(provenanceOf(rebuilt, { srcversion: "REBUILT" }), rebuilt);
  const found = await store.find(provenance);
  expect(found?.provenance.srcversion).toBe("REBUILT");
  expect(readFileSync(found?.path ?? "")).toEqual(rebuilt);
  expect(await store.list()).toHaveLength(1);
});

test.each([
  ["other bytes", { sha256: "0".repeat(64) }],
  ["another size", { size: 5 }],
])("refuses %s than the provenance's before anything is written", async (_, wrong) => {
  await expect(openArtifactStore(folder, unsigned).add({ ...provenance, ...wrong }, bytes)).rejects.toThrow(ProofError);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["was truncated", (path: string) => writeFileSync(path, "\x7fELF"), `expected sha256 ${provenance.sha256} (8 bytes), found`],
  [
    "was exchanged",
    (path: string) => writeFileSync(path, "\x7fELF two"),
    `found ${createHash("sha256").update("\x7fELF two").digest("hex")} (8 bytes)`,
  ],
  ["is gone", (path: string) => rmSync(path), "is missing, though its provenance is there"],
])("says so where the module file %s", async (_, spoil, message) => {
  const store = openArtifactStore(folder, unsigned);
  const { path } = await store.add(provenance, bytes);
  spoil(path);
  await expect(store.find(provenance)).rejects.toThrow(ProofError);
  await expect(store.find(provenance)).rejects.toThrow(message);
});

test.each([
  ["is no JSON", "{", "is not a provenance"],
  ["lacks a field", JSON.stringify({ ...provenance, vermagic: undefined }), "vermagic"],
  ["would lead out of the store", JSON.stringify({ ...provenance, sha256: "../../etc/passwd" }), "sha256"],
])("says so where a provenance %s", async (_, text, message) => {
  const store = openArtifactStore(folder, unsigned);
  const { path } = await store.add(provenance, bytes);
  writeFileSync(join(dirname(path), "provenance.json"), text);
  const { path: other } = await store.add({ ...provenance, module: "other" }, bytes);
  await expect(store.find(provenance)).rejects.toThrow(message);
  expect(await store.damaged()).toEqual([{ name: artifactName(provenance), problem: expect.stringContaining("remove that folder") }]);
  expect(await store.list()).toMatchObject([{ path: other }]);
});

test("does not count what a crash left half done", async () => {
  const store = openArtifactStore(folder, unsigned);
  const { path } = await store.add(provenance, bytes);
  rmSync(join(dirname(path), "provenance.json"));
  expect(await store.find(provenance)).toBeUndefined();
  expect(await store.list()).toEqual([]);
});

test("two that add one key at once leave one of the two whole, and no rubbish", async () => {
  const [one, two] = [openArtifactStore(folder, unsigned), openArtifactStore(folder, unsigned)];
  const builds = Array.from({ length: 20 }, (_, index) => bytesOf(`\x7fELF ${"x".repeat(index * 1000)}`));
  const reading = Array.from({ length: 20 }, () => one.find(provenance));
  await Promise.all(builds.map((build, index) => (index % 2 ? one : two).add(provenanceOf(build), build, "log")));
  await Promise.all(reading);
  const found = await two.find(provenance);
  expect(builds.map((build) => provenanceOf(build).sha256)).toContain(found?.provenance.sha256);
  expect(
    readdirSync(join(folder, artifactName(provenance))).filter((name) => !/^[0-9a-f]{64}\.(ko|log)$|^provenance\.json$/.test(name)),
  ).toEqual([]);
});

/** A provenance as the first kofleet wrote it. */
const { origin: _, ...identity } = provenance;
const first = { ...identity, builder: "build1", compiler: "gcc 12", dkms: "unknown", builtAt: "2026-11-22T20:15:30Z", run: "run-1" };

test("reads what a kofleet before wrote, and its log", async () => {
  const home = join(folder, artifactName(provenance));
  const store = openArtifactStore(folder, unsigned);
  const { path } = await store.add(provenance, bytes);
  writeFileSync(join(home, "provenance.json"), JSON.stringify(first));
  writeFileSync(path.replace(/ko$/, "log"), "make: old\n");
  const origin = { kind: "built", builder: "build1", compiler: "gcc 12", at: "2026-11-22T20:15:30Z", run: "run-1" };
  expect((await store.find(provenance))?.provenance).toEqual({ ...identity, origin });
  expect(await store.files()).toMatchObject([{ log: join(home, `${provenance.sha256}.log`) }]);
});

test("writes the version of the schema, and refuses one that it does not know", async () => {
  const store = openArtifactStore(folder, unsigned);
  const { path } = await store.add(provenance, bytes);
  const file = join(dirname(path), "provenance.json");
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ schema: 2, ...provenance });
  writeFileSync(file, JSON.stringify({ ...provenance, schema: 3 }));
  await expect(store.find(provenance)).rejects.toThrow(
    "it is of schema 3, which this kofleet does not know: a newer one wrote it, perhaps",
  );
});

test.each([
  ["module", "../../root"],
  ["module", "-f"],
  ["kernel", "6.1/../../x"],
  ["kernel", ".."],
  ["version", "1 2"],
  ["distribution", "../x"],
  ["kernelPackage", "1/2"],
  ["architecture", "x86/64"],
  ["source", "a/b"],
])("takes no %s that could lead elsewhere: %j", async (field, value) => {
  const store = openArtifactStore(folder, unsigned);
  const { path } = await store.add(provenance, bytes);
  writeFileSync(join(dirname(path), "provenance.json"), JSON.stringify({ schema: 2, ...provenance, [field]: value }));
  await expect(store.find(provenance)).rejects.toThrow(field);
});

const xz = (input: Uint8Array): Buffer => execFileSync("xz", ["-c", "--check=crc32"], { input });

test.each([
  ["gz", gzipSync(bytes)],
  ["xz", xz(bytes)],
])("unpacks what came as %s, and keeps both digests", async (packing, packed) => {
  const store = openArtifactStore(folder, unsigned);
  const { path } = await store.add(provenance, packed);
  expect(readFileSync(path)).toEqual(bytes);
  const digest = createHash("sha256").update(packed).digest("hex");
  expect((await store.find(provenance))?.provenance.packed).toEqual({ [packing]: digest });
});

test("says nothing of the compression that a module came in, where it signs the module", async () => {
  const signed = bytesOf("\x7fELF one, signed");
  const store = openArtifactStore(folder, { ...unsigned, signModule: () => signed });
  await store.add({ ...provenance, packed: { xz: "0".repeat(64) } }, gzipSync(bytes));
  const { sha256, size } = provenanceOf(signed);
  expect((await store.find(provenance))?.provenance).toEqual({ ...provenance, sha256, size, unsigned: provenance.sha256 });
});

test("keeps the flags that the log of a build shows", async () => {
  const { provenance: stored } = await openArtifactStore(folder, unsigned).add(provenance, bytes, "make -C /build KCFLAGS=-g\n");
  expect(stored.origin).toMatchObject({ kind: "built", flags: { KCFLAGS: "-g" } });
});

test("signs what is added where a key is given, and tells whose signature it is", async () => {
  const { key, allowedSigners } = signer("ada@fleet");
  const store = openArtifactStore(folder, { ...unsigned, key, allowedSigners, isRequired: true });
  const { path } = await store.add(provenance, bytes);
  expect(store.requiresSignature).toBe(true);
  expect(await store.find(provenance)).toMatchObject({ signature: { kind: "holds", signer: "ada@fleet" } });
  const file = join(dirname(path), "provenance.json");
  writeFileSync(file, readFileSync(file, "utf8").replace("build1", "build2"));
  expect(await openArtifactStore(folder, unsigned).find(provenance)).toMatchObject({ signature: { kind: "unsigned" } });
});

test("a signature over another text is refused, wherever it came from", async () => {
  const { key, allowedSigners } = signer("ada@fleet");
  const store = openArtifactStore(folder, { ...unsigned, key, allowedSigners });
  await store.add(provenance, bytes);
  const [files] = await store.files();
  if (files === undefined || !("text" in files)) throw new Error("nothing was stored");
  const text = files.text.replace("build1", "build2");
  writeFileSync(join(files.home, "provenance.json"), text);
  writeFileSync(join(files.home, fileNames(files.provenance, text).signature), readFileSync(files.signature ?? ""));
  expect(await store.find(provenance)).toMatchObject({
    signature: { kind: "refused", problem: expect.stringContaining("incorrect signature") },
  });
});
