import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { Provenance } from "../../src/core/artifact.ts";
import { type LocalStore, openArtifactStore } from "../../src/store/artifacts.ts";
import { leftoversIn, removeArtifact, removeLeftover } from "../../src/store/prune.ts";
import type { StoredFiles } from "../../src/store/stored_files.ts";
import { withdraw } from "../../src/store/withdraw.ts";
import { unsigned } from "./signing_fixture.ts";

let store: LocalStore;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "kofleet-prune-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  store = openArtifactStore(folder, unsigned);
});

const key = {
  distribution: "debian 12",
  kernel: "6.1.0-37-amd64",
  kernelPackage: "6.1.140-1",
  architecture: "x86_64",
  module: "example",
  version: "1",
  source: "5".repeat(64),
};

async function add(text: string, log?: string): Promise<StoredFiles> {
  const bytes = Buffer.from(text);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const origin: Provenance["origin"] = { kind: "built", builder: "b", at: "2026-11-22T20:15:30Z", run: "r" };
  await store.add({ ...key, sha256, size: bytes.length, vermagic: "v", srcversion: "s", origin }, bytes, log);
  const files = (await store.files()).find(({ name }) => name.startsWith("example@"));
  if (files === undefined || !("home" in files)) throw new Error("nothing was stored");
  return files;
}

const hours = (count: number): Date => new Date(Date.now() + count * 60 * 60 * 1000);

test("what was replaced is left over once a day has gone since, and goes for good", async () => {
  const former = await add("one", "log one");
  const { home, path, log } = await add("two", "log two");
  expect(await leftoversIn(home, hours(23))).toEqual([]);
  const found = await leftoversIn(home, hours(25));
  expect(found.map((leftover) => leftover.path).sort()).toEqual([former.path, former.log].sort());
  expect(found.map(({ size }) => size).sort()).toEqual([3, 7]);
  for (const leftover of found) expect(await removeLeftover(leftover)).toBe(true);
  expect(readdirSync(home).sort()).toEqual(["provenance.json", ...[path, log ?? ""].map((file) => basename(file))].sort());
  expect(await store.find(key)).toBeDefined();
});

test("nothing goes that kofleet does not write, or that a damaged provenance may name", async () => {
  const { home } = await add("one");
  await add("two");
  writeFileSync(join(home, "notes.txt"), "mine");
  writeFileSync(join(home, "provenance.json.1234.tmp"), "half");
  expect((await leftoversIn(home, hours(25))).map(({ path }) => basename(path))).toContain("provenance.json.1234.tmp");
  expect((await leftoversIn(home, hours(25))).map(({ path }) => basename(path))).not.toContain("notes.txt");
  writeFileSync(join(home, "provenance.json"), "{");
  expect(await leftoversIn(home, hours(25))).toEqual([]);
});

test("a file is young as long as what replaced it is", async () => {
  const former = await add("one");
  utimesSync(former.path, 0, 0);
  const { home } = await add("two");
  expect(await leftoversIn(home, hours(1))).toEqual([]);
});

test("removes an artifact with all that is its own, and the folder with it", async () => {
  const files = await add("one", "log");
  expect(await removeArtifact(files)).toBe(true);
  expect(existsSync(files.home)).toBe(false);
  expect(await removeArtifact(files)).toBe(false);
  expect(await store.list()).toEqual([]);
});

test("what took its place meanwhile stays", async () => {
  const former = await add("one");
  const latter = await add("two");
  expect(await removeArtifact(former)).toBe(false);
  expect((await store.find(key))?.path).toBe(latter.path);
});

test("a leftover that is named again by then stays", async () => {
  const former = await add("one");
  await add("two");
  const [leftover] = await leftoversIn(former.home, hours(25));
  await add("one");
  expect(await removeLeftover(leftover ?? { path: "", size: 0 })).toBe(false);
  expect((await store.find(key))?.path).toBe(former.path);
});

test("withdraws what nobody wants; what is wanted after all is back, unless something newer has its place", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "kofleet-withdraw-")), "file");
  onTestFinished(() => rmSync(dirname(path), { recursive: true }));
  writeFileSync(path, "old");
  expect(await withdraw(path, async () => !existsSync(path))).toBe(false);
  const inPlace = async () => {
    writeFileSync(path, "new");
    return true;
  };
  expect(await withdraw(path, inPlace)).toBe(false);
  expect(readdirSync(dirname(path))).toEqual(["file"]);
  expect(await withdraw(path, async () => false)).toBe(true);
  expect(readdirSync(dirname(path))).toEqual([]);
});

test("of two processes that add and prune at once none ever meets half an artifact, and what is added last is whole", async () => {
  const jiti = join(import.meta.dirname, "../../node_modules/jiti/lib/jiti-cli.mjs");
  const run = (work: string) =>
    promisify(execFile)(process.execPath, [jiti, join(import.meta.dirname, "store_process.ts"), store.folder, work, "12"]);
  await Promise.all([run("add"), run("prune")]);
  await add("last");
  expect(await store.find(key)).toBeDefined();
  expect((await store.files()).every((files) => "home" in files)).toBe(true);
});
