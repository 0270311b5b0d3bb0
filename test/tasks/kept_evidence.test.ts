import { expect, test } from "vitest";
import { FactError, ProofError } from "../../src/core/error.ts";
import type { ArtifactStore, Contents, Control } from "../../src/core/input.ts";
import type { HeldEvidence, HeldPart, KernelKey } from "../../src/core/kernel_evidence.ts";
import { keptEvidence } from "../../src/tasks/kept_evidence.ts";
import { crcs, key, map } from "./kernel_fixture.ts";

const symvers = "0x0000001f\tmodule_layout\t\n0x00000002\tkfree\t\n";
const systemMap = "ffffffff81000000 T _text\nffffffff812f0000 T kfree\nffffffff812f0040 t hidden_one\n";
let reads = 0;
const part = (text: string, sha256 = text): HeldPart => ({
  source: "Module.symvers",
  host: "web1",
  at: "2026-11-22T20:15:30.000Z",
  sha256,
  sentSha256: sha256,
  text: async () => {
    reads += 1;
    return text;
  },
});

/** A run over a store with this evidence, whatever key it is asked for. */
const run = (held: (key: KernelKey) => readonly Omit<HeldEvidence, "key">[]): Control => ({
  kernels: { find: async (key) => held(key).map((one) => ({ key, ...one })), add: async () => undefined },
  artifacts: {} as ArtifactStore,
  contents: {} as Contents,
  run: "run-1",
  now: () => new Date(0),
});

test("reads all that is kept of a kernel, by the builds that it is of", async () => {
  const control = run(() => [
    { identity: "build-id:aa", map: part(systemMap) },
    { identity: "package", crcs: part(symvers) },
    { identity: "build-id:bb" },
  ]);
  expect(await keptEvidence(key).read(control)).toEqual([
    { identity: "build-id:aa", map },
    { identity: "package", crcs },
    { identity: "build-id:bb" },
  ]);
});

test("asks for the kernel, whatever is built for it", async () => {
  const asked: unknown[] = [];
  const control = run((of) => {
    asked.push(of);
    return [];
  });
  await keptEvidence(key).read(control);
  expect(asked).toEqual([
    { distribution: key.distribution, kernel: key.kernel, kernelPackage: key.kernelPackage, architecture: key.architecture },
  ]);
  expect(keptEvidence(key).name).toBe(keptEvidence({ ...key, ...{ module: "other" } }).name);
  expect(keptEvidence(key).name).not.toBe(keptEvidence({ ...key, kernelPackage: "6.1.147-1" }).name);
});

test("reads a text once in a run, and another text at once", async () => {
  reads = 0;
  let text = symvers;
  const control = run(() => [
    { identity: "package", crcs: part(text) },
    { identity: "build-id:aa", crcs: part(text) },
  ]);
  await Promise.all([keptEvidence(key).read(control), keptEvidence(key).read(control)]);
  expect(reads).toBe(1);
  text = "0x00000003\tkfree\t\n";
  expect(await keptEvidence(key).read(control)).toMatchObject([{ crcs: { crcs: new Map([["kfree", 3]]) } }, {}]);
  expect(reads).toBe(2);
  await keptEvidence(key).read(run(() => [{ identity: "package", crcs: part(symvers) }]));
  expect(reads).toBe(3);
});

test("says what is damaged", async () => {
  const damaged = { ...part(symvers), text: () => Promise.reject(new ProofError("it is not what it was")) };
  await expect(keptEvidence(key).read(run(() => [{ identity: "package", crcs: damaged }]))).rejects.toThrow(ProofError);
  await expect(keptEvidence(key).read(run(() => [{ identity: "package", crcs: part("<html>") }]))).rejects.toThrow(FactError);
});
