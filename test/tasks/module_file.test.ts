import { expect, test } from "vitest";
import { artifactName } from "../../src/core/artifact.ts";
import type { Machine } from "../../src/facts/machine.ts";
import type { ModuleState } from "../../src/facts/module.ts";
import { moduleFile } from "../../src/tasks/module_file.ts";
import type { OfferedArtifact } from "../../src/tasks/offered_artifact.ts";
import { artifact, digest, file, key, machine, next, nothing, redhatHost, running, suseHost } from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { planAgain, visible } from "./prediction.ts";

const args = { module: "hello", keys: [key] };
const offer = (offered: OfferedArtifact = artifact) => ({ [`offer ${artifactName(key)}`]: offered });
const facts = { machine, state: nothing };
const folder = `/usr/lib/modules/${running}/updates/dkms`;
const staging = `/var/lib/kofleet/staged/${running}`;
const title = `put hello 1.0 in place for ${running}`;
const make = (...paths: string[]) => ({
  kind: "run",
  title: `make ${folder}`,
  argv: ["mkdir", "-p", "--", ...paths],
  undo: { restore: [] },
});
const write = { kind: "write", title, path: `${folder}/hello.ko`, sha256: digest, mode: 0o644, undo: { restore: [`${folder}/hello.ko`] } };
const withFiles = (...files: ModuleState["files"]) => ({ machine, state: { ...nothing, files } });
const compressed = { ...facts, machine: { ...machine, compression: { ...machine.compression, used: "xz" as const } } };
const elsewhere = { ...file, path: `/lib/modules/${running}/extra/hello.ko`, sha256: "0".repeat(64) };

test.each([
  ["where nothing lies", facts, [make(folder), write]],
  ["over another build", withFiles({ ...file, sha256: "0".repeat(64) }), [make(folder), write]],
  ["over a damaged file", withFiles({ ...file, sha256: undefined, vermagic: undefined }), [make(folder), write]],
  ["and leaves copies elsewhere to depmod and the report", withFiles(elsewhere), [make(folder), write]],
  [
    "in the compression of the host's own modules",
    compressed,
    [
      make(folder, staging),
      { kind: "write", path: `${staging}/hello.ko`, sha256: digest, mode: 0o600, undo: { restore: [] } },
      { kind: "run", argv: ["xz", "--check=crc32", "--lzma2=dict=1MiB", "--force", `${staging}/hello.ko`], undo: { restore: [] } },
      {
        kind: "script",
        title,
        script: expect.any(String),
        args: [`${staging}/hello.ko.xz`, `${folder}/hello.ko.xz`],
        undo: { restore: [`${folder}/hello.ko.xz`] },
      },
    ],
  ],
  [
    "and removes the same module in another compression beside it",
    withFiles(file, { ...file, path: `${file.path}.xz` }),
    [{ kind: "remove", path: `${file.path}.xz`, undo: { restore: [`${file.path}.xz`] } }],
  ],
])("puts an artifact %s", (_, given, steps) => {
  expect(visible(planOf(moduleFile, args, given, offer()))).toEqual({ steps, stop: undefined });
  expect(planAgain(moduleFile, args, given, offer())).toEqual({ steps: [], stop: undefined });
});

test("packs as that kernel's own modules are, whatever the running kernel's", () => {
  const kernels = machine.kernels.map((kernel) => ({ ...kernel, compression: "xz" as const }));
  const { steps } = planOf(moduleFile, args, { ...facts, machine: { ...machine, kernels } }, offer());
  expect(steps.at(-1)).toMatchObject({ args: [`${staging}/hello.ko.xz`, `${folder}/hello.ko.xz`] });
});

test.each([
  ["plain", withFiles(file)],
  ["compressed", { ...compressed, state: { ...nothing, files: [{ ...file, path: `${file.path}.xz` }] } }],
])("plans nothing once it is there, %s", (_, given) => {
  expect(planOf(moduleFile, args, given, offer())).toEqual({ steps: [], stop: undefined });
});

test("puts modules of the Red Hat family into extra", () => {
  const host = { ...redhatHost, kernel: running };
  expect(planOf(moduleFile, args, facts, offer(), host).steps[1]).toMatchObject({ path: `/usr/lib/modules/${running}/extra/hello.ko` });
});

const otherVermagic = "5.10.0-1-amd64 SMP mod_unload ";
const changed = (part: Partial<typeof artifact.module>): OfferedArtifact => ({ ...artifact, module: { ...artifact.module, ...part } });
const ofKernel = (part: Partial<Machine["kernels"][number]>) => ({
  ...facts,
  machine: { ...machine, kernels: machine.kernels.map((kernel) => ({ ...kernel, ...part })) },
});

test.each([
  ["vermagic", facts, changed({ vermagic: otherVermagic }), [otherVermagic, file.vermagic]],
  ["machine", facts, changed({ machine: "aarch64" }), ["aarch64", "x86_64"]],
  ["name", facts, changed({ name: "goodbye" }), ["goodbye", "hello"]],
  ["sha256", facts, changed({ sha256: "f".repeat(64) }), ["f".repeat(64), digest]],
  ["kernel package", ofKernel({ packageVersion: "6.1.137-1" }), artifact, ["6.1.140-1", "6.1.137-1"]],
  ["vermagic", ofKernel({ vermagic: undefined }), artifact, ["could not be read"]],
])("is blocked where the %s does not fit, and shows both values", (what, given, offered, values) => {
  const { steps, stop } = planOf(moduleFile, args, given, offer(offered));
  expect(stop?.verdict).toBe("blocked");
  for (const value of [what, ...values]) expect(stop?.reason).toContain(value);
  expect(steps).toEqual([]);
});

test.each([
  [
    "blocked where the artifact is damaged",
    facts,
    { kind: "damaged", problem: "it is truncated" },
    debianHost,
    "blocked",
    "it is truncated",
  ],
  ["failed where the store has none", facts, { kind: "none" }, debianHost, "failed", "the store has no artifact hello@1.0"],
  ["failed where the kernel is not installed", ofKernel({ release: next }), artifact, debianHost, "failed", `${running} is not installed`],
  ["failed where the family is not known", facts, artifact, suseHost, "failed", "SUSE"],
] as const)("is %s", (_, given, offered, host, verdict, reason) => {
  expect(planOf(moduleFile, args, given, offer(offered), host).stop).toMatchObject({ verdict, reason: expect.stringContaining(reason) });
});

test("tells check mode what depmod and modprobe will see", () => {
  const { steps } = planOf(moduleFile, args, facts, offer());
  const changes = new Map(steps.flatMap((step) => step.changes ?? []).map(({ name, to }) => [name, to]));
  expect(changes.get(`moduleIndex hello ${running}`)?.({ listed: "x", isFresh: true })).toEqual({ listed: "x", isFresh: false });
  const loading = changes.get("moduleLoading hello");
  const target = { kind: "file", path: file.path, srcversion: "OLD" };
  expect(loading?.({ target, denial: undefined })).toEqual({ target: { ...target, srcversion: file.srcversion }, denial: undefined });
  expect(loading?.({ target: { kind: "missing" }, denial: undefined })).toEqual({ target: { kind: "missing" }, denial: undefined });
});

test("reports every copy that there is", () => {
  const { state } = withFiles(file, elsewhere);
  expect(moduleFile.result?.({ module: "hello", keys: [key] }, { machine, state }, offer())).toEqual({
    files: [file, elsewhere].map(({ kernel, path, sha256 }) => ({ kernel, path, sha256 })),
  });
});
