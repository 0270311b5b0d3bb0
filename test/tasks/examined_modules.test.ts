import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ProofError } from "../../src/core/error.ts";
import type { ArtifactStore, Contents, Control } from "../../src/core/input.ts";
import type { KernelStore } from "../../src/core/kernel_evidence.ts";
import { readModule } from "../../src/kernel/module_info.ts";
import { examine, examinedModules, examineOnce } from "../../src/tasks/examined_modules.ts";
import { exampleModinfo, writeModule } from "../kernel/elf_writer.ts";

const newRun = (): Control => ({
  artifacts: {} as ArtifactStore,
  contents: {} as Contents,
  kernels: {} as KernelStore,
  run: "run-1",
  now: () => new Date(0),
});
const module = Buffer.from(writeModule());
const sha256 = createHash("sha256").update(module).digest("hex");

test.each([
  ["a module", module],
  ["a compressed module, known by what it is without its compression", gzipSync(module)],
])("looks into %s", async (_, sent) => {
  const control = newRun();
  await examine(control, sent);
  expect([...(await examinedModules.read(control))]).toEqual([[sha256, readModule(module)]]);
});

/** Shows the module, and counts how often. */
function counting() {
  const shown = { times: 0 };
  const show = async <T>(see: (bytes: Uint8Array) => T) => {
    shown.times += 1;
    return see(module);
  };
  return { show, shown };
}

test("looks into a module once in a run, whoever asks", async () => {
  const [control, { show, shown }] = [newRun(), counting()];
  const first = await examineOnce(control, sha256, show);
  await examine(control, gzipSync(module));
  expect(await examineOnce(control, sha256, show)).toBe(first);
  expect((await examinedModules.read(control)).get(sha256)).toBe(first);
  expect(shown.times).toBe(1);
});

test("looks into a module once, however many ask at once", async () => {
  const [control, { show, shown }] = [newRun(), counting()];
  const [first, ...others] = await Promise.all(Array.from({ length: 50 }, () => examineOnce(control, sha256, show)));
  expect(shown.times).toBe(1);
  expect(new Set(others)).toEqual(new Set([first]));
  expect((await examinedModules.read(control)).get(sha256)).toBe(first);
});

test("asks again for what could not be read", async () => {
  const control = newRun();
  await expect(examineOnce(control, sha256, async (see) => see(Buffer.from("hello")))).rejects.toThrow(ProofError);
  expect(await examineOnce(control, sha256, async (see) => see(module))).toEqual(readModule(module));
});

test("asks for no bytes of what a host sent already", async () => {
  const control = newRun();
  await examine(control, module);
  const never = () => Promise.reject(new Error("it was asked for"));
  expect(await examineOnce(control, sha256, never)).toEqual(readModule(module));
});

test("tells what was known when it was read, in its own run only", async () => {
  const [control, another] = [newRun(), newRun()];
  const before = await examinedModules.read(control);
  await examine(control, module);
  await examine(control, writeModule({}, [...exampleModinfo, "extra=1"]));
  expect(before.size).toBe(0);
  expect((await examinedModules.read(control)).size).toBe(2);
  expect((await examinedModules.read(another)).size).toBe(0);
});

test.each([
  ["no module", Buffer.from("hello"), "not an ELF file"],
  ["a module that was cut short", module.subarray(0, 200), "it is truncated or damaged"],
  ["compression that was cut short", gzipSync(module).subarray(0, -9), "its compression (gz) is damaged"],
  ["compressed nonsense", gzipSync("hello"), "not an ELF file"],
])("refuses %s, and remembers nothing of it", async (_, sent, message) => {
  const control = newRun();
  await expect(examine(control, sent)).rejects.toThrow(ProofError);
  await expect(examine(control, sent)).rejects.toThrow(message);
  expect((await examinedModules.read(control)).size).toBe(0);
});
