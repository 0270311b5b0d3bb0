import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { artifactName, type Provenance } from "../../src/core/artifact.ts";
import { ProofError } from "../../src/core/error.ts";
import { openArtifactStore } from "../../src/store/artifacts.ts";

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
  builder: "build1",
  compiler: "gcc (Debian 12.2.0-14) 12.2.0",
  dkms: "dkms-3.0.10",
  builtAt: "2026-11-22T20:15:30.000Z",
  run: "20261122-201530-4f3a",
  ...more,
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "artifacts-"));
});

const bytes = bytesOf("\x7fELF one");
const provenance = provenanceOf(bytes);

test("gives back what was added, with its log beside it", async () => {
  const store = openArtifactStore(join(folder, "not", "yet", "there"));
  const added = await store.add(provenance, bytes, "make: done\n");
  const found = await store.find(provenance);
  expect(found).toEqual(added);
  expect(found?.provenance).toEqual(provenance);
  expect(readFileSync(found?.path ?? "")).toEqual(bytes);
  expect(readFileSync(`${found?.path.slice(0, -3)}.log`, "utf8")).toBe("make: done\n");
  expect(await store.list()).toEqual([added]);
});

test("has nothing before anything was added", async () => {
  const store = openArtifactStore(join(folder, "absent"));
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
  const store = openArtifactStore(folder);
  await store.add(provenance, bytes);
  expect(await store.find({ ...provenance, ...other })).toBeUndefined();
});

test("replaces the artifact of a key", async () => {
  const store = openArtifactStore(folder);
  await store.add(provenance, bytes);
  const rebuilt = bytesOf("\x7fELF two");
  await store.add(provenanceOf(rebuilt, { run: "20261123-000000-0000" }), rebuilt);
  const found = await store.find(provenance);
  expect(found?.provenance.run).toBe("20261123-000000-0000");
  expect(readFileSync(found?.path ?? "")).toEqual(rebuilt);
  expect(await store.list()).toHaveLength(1);
});

test.each([
  ["other bytes", { sha256: "0".repeat(64) }],
  ["another size", { size: 5 }],
])("refuses %s than the provenance's before anything is written", async (_, wrong) => {
  await expect(openArtifactStore(folder).add({ ...provenance, ...wrong }, bytes)).rejects.toThrow(ProofError);
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
  const store = openArtifactStore(folder);
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
  const store = openArtifactStore(folder);
  const { path } = await store.add(provenance, bytes);
  writeFileSync(join(dirname(path), "provenance.json"), text);
  await expect(store.find(provenance)).rejects.toThrow(message);
  await expect(store.list()).rejects.toThrow("remove that folder");
});

test("does not count what a crash left half done", async () => {
  const store = openArtifactStore(folder);
  const { path } = await store.add(provenance, bytes);
  rmSync(join(dirname(path), "provenance.json"));
  expect(await store.find(provenance)).toBeUndefined();
  expect(await store.list()).toEqual([]);
});

test("two that add one key at once leave one of the two whole, and no rubbish", async () => {
  const [one, two] = [openArtifactStore(folder), openArtifactStore(folder)];
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
