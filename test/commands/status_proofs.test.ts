import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { onDiskOf, proveOnDisk } from "../../src/commands/status_proofs.ts";
import { artifactName } from "../../src/core/artifact.ts";
import type { Control } from "../../src/core/input.ts";
import type { ModuleFile } from "../../src/facts/module_file.ts";
import { openArtifactStore } from "../../src/store/artifacts.ts";
import { createContents } from "../../src/store/contents.ts";
import { digestOf } from "../../src/store/digest.ts";
import { writeModule } from "../kernel/elf_writer.ts";
import { unsigned } from "../store/signing_fixture.ts";
import { enrolled, file, machine, manifest, next, provenance, redhatHost, running } from "../tasks/kernel_fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-status-proofs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = writeModule();
const { sha256 } = digestOf(bytes);
const control: Control = {
  artifacts: openArtifactStore(folder, unsigned),
  contents: createContents(),
  kernels: { find: async () => [], add: async () => undefined } as unknown as Control["kernels"],
  run: "run-1",
  now: () => new Date(0),
};
const { path } = await control.artifacts.add({ ...provenance, sha256, size: bytes.length }, bytes);

const host = { ...redhatHost, name: "web1", kernel: running };
const installed = { module: "hello", version: "1.0", kernel: running, architecture: "x86_64", state: "installed" as const };
const prove = (found: Partial<ModuleFile>, dkms = [installed]) =>
  proveOnDisk(manifest, onDiskOf(seen([{ ...file, ...found }], dkms), manifest), control);
const seen = (files: readonly ModuleFile[], dkms = [installed], machineOf = machine) => ({
  host,
  machine: machineOf,
  enrolled,
  module: { files, loaded: undefined, atBoot: false },
  dkms,
  initramfs: "absent" as const,
  isListed: false,
  trouble: { taint: [], lines: [], damage: [], isReadable: true },
  loading: { target: { kind: "file" as const, path: file.path, srcversion: undefined }, denial: undefined },
  bootFiles: {},
  removingHooks: [],
  nextIndex: { listed: "updates/dkms/hello.ko", isFresh: true },
});

test("proves what the store has", async () => {
  const { proved, unproved } = await prove({ sha256 });
  expect(unproved).toEqual([]);
  expect(proved.map(({ host, artifact, proofs }) => [host, artifact, proofs.length])).toEqual([["web1", artifactName(provenance), 7]]);
});

test.each<[what: string, found: Partial<ModuleFile>, dkms: (typeof installed)[], why: string]>([
  ["its own DKMS built it", {}, [installed], "the host built it by itself, and it is not in the store"],
  ["its own DKMS built another version", {}, [{ ...installed, version: "0.9" }], "it is not in the store"],
  ["its own DKMS built for another kernel", {}, [{ ...installed, kernel: next }], "it is not in the store"],
  [
    "it lies there otherwise than its own DKMS built it",
    {},
    [{ ...installed, note: "(WARNING! Diff)" } as typeof installed],
    "it is not in the store",
  ],
  ["somebody brought it", {}, [], "it is not in the store"],
  ["it can't be uncompressed", { sha256: undefined }, [installed], "it can't be uncompressed there"],
])("says of what it can't prove why: %s", async (_, found, dkms, why) => {
  expect(await prove(found, dkms)).toEqual({
    proved: [],
    unproved: [{ host: "web1", unknown: `whether the proofs of the file for ${running} hold: ${why}` }],
  });
});

test("looks at the kernel that boots next too, and at none that has no file", () => {
  const ofNext = { ...file, kernel: next, path: `/lib/modules/${next}/updates/dkms/hello.ko` };
  const kernels = (files: readonly ModuleFile[]) =>
    onDiskOf(seen(files, [installed], { ...machine, next }), manifest).map(({ file }) => file.kernel);
  expect(kernels([file, ofNext])).toEqual([running, next]);
  expect(kernels([ofNext])).toEqual([next]);
});

test("says of what was damaged in the store that it was", async () => {
  writeFileSync(path, "damaged");
  const { proved, unproved } = await prove({ sha256 });
  expect(proved).toEqual([]);
  expect(unproved[0]?.unknown).toMatch(/^whether the proofs of the file for 6\.1\.0-37-amd64 hold: .*sha256/s);
});
