import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Contents, Control } from "../../src/core/input.ts";
import type { KernelStore } from "../../src/core/kernel_evidence.ts";
import { openArtifactStore } from "../../src/store/artifacts.ts";
import { createContents } from "../../src/store/contents.ts";
import { examinedModules } from "../../src/tasks/examined_modules.ts";
import { offeredArtifact, storedDigest } from "../../src/tasks/offered_artifact.ts";
import { offeredPackage } from "../../src/tasks/offered_package.ts";
import { writeModule } from "../kernel/elf_writer.ts";
import { signer, unsigned } from "../store/signing_fixture.ts";
import { key, provenance } from "./kernel_fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-offer-"));
afterAll(() => rmSync(folder, { recursive: true }));

const control = (name: string, signing = unsigned): Control => ({
  artifacts: openArtifactStore(join(folder, name), signing),
  contents: createContents(),
  kernels: {} as KernelStore,
  run: "run-1",
  now: () => new Date(0),
});

const withArtifact = async (
  name: string,
  bytes: Uint8Array,
  signing = unsigned,
): Promise<{ control: Control; path: string; sha256: string }> => {
  const found = control(name, signing);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { path } = await found.artifacts.add({ ...provenance, sha256, size: bytes.length }, bytes);
  return { control: found, path, sha256 };
};

test("offers nothing where the store has nothing", async () => {
  expect(await offeredArtifact(key).read(control("empty"))).toEqual({ kind: "none" });
  expect(await storedDigest(key).read(control("empty"))).toBeUndefined();
});

test("offers a module with what its own bytes say, to be written later", async () => {
  const { control, sha256 } = await withArtifact("sound", writeModule());
  expect(await offeredArtifact(key).read(control)).toMatchObject({
    kind: "sound",
    provenance: { sha256 },
    module: { machine: "x86_64", sha256 },
  });
  expect(await storedDigest(key).read(control)).toBe(sha256);
  expect(await control.contents.open(sha256)).toEqual(Buffer.from(writeModule()));
});

test("looks into a module once in a run, and tells what it saw", async () => {
  const { control, sha256 } = await withArtifact("once", writeModule());
  let looks = 0;
  const look: Contents["look"] = (digest, see) => {
    looks += 1;
    return control.contents.look(digest, see);
  };
  const counting = { ...control, contents: { ...control.contents, look } };
  const [first, second] = [await offeredArtifact(key).read(counting), await offeredArtifact(key).read(counting)];
  expect(second).toEqual(first);
  expect(looks).toBe(1);
  expect([...(await examinedModules.read(counting)).keys()]).toEqual([sha256]);
});

test("calls damaged what is no module, or no longer what was stored", async () => {
  const { control: nonsense } = await withArtifact("nonsense", Buffer.from("hello"));
  expect(await offeredArtifact(key).read(nonsense)).toEqual({ kind: "damaged", problem: expect.stringContaining("not an ELF file") });
  const { control: truncated, path } = await withArtifact("truncated", writeModule());
  writeFileSync(path, writeModule().subarray(0, 100));
  expect(await offeredArtifact(key).read(truncated)).toMatchObject({ kind: "damaged", problem: expect.any(String) });
  expect(await storedDigest(key).read(truncated)).toBeUndefined();
});

test("offers nothing unsigned where signatures are required, and says what to do", async () => {
  const { control } = await withArtifact("unsigned", writeModule(), { ...unsigned, isRequired: true });
  expect(await offeredArtifact(key).read(control)).toEqual({
    kind: "damaged",
    problem: expect.stringMatching(/^require_signed is set, .*: it is not signed\nhave it built again with signing_key set/),
  });
});

test("offers what an allowed signer signed, and nothing that another did", async () => {
  const [ada, eve] = [signer("ada@fleet"), signer("eve@fleet")];
  const signing = { ...unsigned, isRequired: true, key: ada.key };
  const { control: own } = await withArtifact("signed", writeModule(), { ...signing, allowedSigners: ada.allowedSigners });
  expect(await offeredArtifact(key).read(own)).toMatchObject({ kind: "sound" });
  const { control: foreign } = await withArtifact("foreign", writeModule(), { ...signing, allowedSigners: eve.allowedSigners });
  expect(await offeredArtifact(key).read(foreign)).toMatchObject({ kind: "damaged", problem: expect.stringContaining("no signer that") });
});

test("packs for the vendor what it offers, and nothing else", async () => {
  const { control: sound } = await withArtifact("packed", writeModule());
  const offer = await offeredPackage(key).read(sound);
  if (offer.kind !== "package") throw new Error("nothing was packed");
  expect(await sound.contents.open(offer.sha256)).toHaveLength(offer.size);
  expect(await offeredPackage(key).read(control("none"))).toEqual({ kind: "none" });
  const { control: refused } = await withArtifact("refused", writeModule(), { ...unsigned, isRequired: true });
  expect(await offeredPackage(key).read(refused)).toMatchObject({ kind: "damaged" });
});

test("passes other errors on", async () => {
  const broken = { ...control("broken"), artifacts: { find: () => Promise.reject(new TypeError("broken")) } } as unknown as Control;
  await expect(offeredArtifact(key).read(broken)).rejects.toThrow(TypeError);
  await expect(storedDigest(key).read(broken)).rejects.toThrow(TypeError);
});
