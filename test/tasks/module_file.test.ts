import { expect, test } from "vitest";
import { artifactName } from "../../src/core/artifact.ts";
import type { KernelSources } from "../../src/facts/kernel_sources.ts";
import type { Machine } from "../../src/facts/machine.ts";
import type { ModuleState } from "../../src/facts/module.ts";
import type { KernelEvidence } from "../../src/kernel/kernel_evidence.ts";
import { moduleFile } from "../../src/tasks/module_file.ts";
import type { OfferedArtifact } from "../../src/tasks/offered_artifact.ts";
import {
  artifact,
  buildId,
  crcs,
  digest,
  enrolled,
  file,
  keptFor,
  key,
  machine,
  manifest,
  map,
  next,
  nothing,
  offerFor,
  redhatHost,
  running,
  sourcesFor,
  suseHost,
} from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { planAgain, visible } from "./prediction.ts";

const args = { manifest, keys: [key] };
const offer = (offered: OfferedArtifact = artifact, kept?: readonly KernelEvidence[]) => ({
  certificate: undefined,
  ...offerFor(offered),
  ...keptFor(kept),
});
const facts = { machine, enrolled, state: nothing, ...sourcesFor() };
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
const withFiles = (...files: ModuleState["files"]) => ({ ...facts, state: { ...nothing, files } });
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

const told = (...names: [name: string, verdict: string][]) => names.map(([name, verdict]) => expect.objectContaining({ name, verdict }));
const holding = ["sha256", "machine", "name", "vermagic", "crcs", "signature", "offsets"].map((name): [string, string] => [name, "holds"]);

test("reports every copy that there is, and every proof", () => {
  const given = withFiles(file, elsewhere);
  expect(moduleFile.result?.(moduleFile.args.parse(args), given, offer(), debianHost)).toEqual({
    files: [file, elsewhere].map(({ kernel, path, sha256 }) => ({ kernel, path, sha256 })),
    proofs: [{ artifact: artifactName(key), proofs: told(...holding) }],
  });
});

const otherCrcs = { source: "Module.symvers", crcs: new Map([...crcs.crcs, ["kfree", 0xbad]]) };
const reaching = changed({ offsets: { distances: [0x40], isPartial: false } });
const missing = changed({ offsets: { distances: [0x48], isPartial: false } });
const needy = { ...args, manifest: { ...manifest, needs: ["system_map" as const], reaches: ["hidden_one"] } };
const withSources = (more: Partial<KernelSources>) => ({ ...facts, ...sourcesFor(more) });

test.each<
  [what: string, given: typeof args, known: typeof facts, offered: OfferedArtifact, kept: readonly KernelEvidence[], reason: string]
>([
  [
    "of other CRCs",
    args,
    facts,
    artifact,
    [{ identity: "package", crcs: otherCrcs }],
    "crcs refused: CRCs that differ from Module.symvers, 1 of 2: kfree is 0x00000002, but must be 0x00000bad",
  ],
  [
    "whose CRCs nobody knows",
    args,
    facts,
    artifact,
    [],
    "crcs unknown: it wants 2 CRCs, but the host's are not known: neither its headers",
  ],
  [
    "whose kernel's evidence is of another build",
    args,
    facts,
    artifact,
    [{ identity: "build-id:0b0b", crcs }],
    "crcs unknown: it wants 2 CRCs",
  ],
  [
    "that reaches what is no symbol here",
    args,
    facts,
    missing,
    [{ identity: "package", crcs, map }],
    "offsets refused: addresses that are no symbols of the host's kernel, 1 of 1: kfree+0x48 is hidden_one+0x8",
  ],
  [
    "that reaches what nobody knows",
    args,
    withSources({ kallsyms: "absent" }),
    reaching,
    [{ identity: "package", crcs }],
    "offsets unknown: it reaches symbols by distance (1), but the host's symbol map is not known: no host runs that kernel",
  ],
  [
    "that reaches what the kernel hides",
    args,
    withSources({ kallsyms: "hidden" }),
    reaching,
    [{ identity: "package", crcs }],
    "offsets unknown: it reaches symbols by distance (1), but the host's symbol map is not known: kernel.kptr_restrict=2 hides the addresses",
  ],
  [
    "that was built without the map that it needs",
    needy,
    facts,
    artifact,
    [{ identity: "package", crcs, map }],
    "offsets refused: it was built without a symbol map",
  ],
])("is blocked by an artifact %s, which may be overridden and is recorded", (_, given, known, offered, kept, reason) => {
  const { steps, stop } = planOf(moduleFile, given, known, offer(offered, kept));
  expect(stop).toEqual({
    verdict: "blocked",
    reason: expect.stringContaining(`the artifact ${artifactName(key)} does not fit web1: ${reason}`),
    result: { proofs: expect.any(Array) },
  });
  expect(stop?.reason).toContain("\n--allow-unknown and --allow-unproved NAME override that, and are recorded");
  expect(steps).toEqual([]);
  const allowed = { ...given, allow_unproved: ["crcs" as const, "offsets" as const] };
  expect(visible(planOf(moduleFile, allowed, known, offer(offered, kept)))).toEqual({ steps: [make(folder), write], stop: undefined });
  const result = moduleFile.result?.(moduleFile.args.parse(allowed), known, offer(offered, kept), debianHost);
  expect(JSON.stringify(result).match(/"allowed":true/g)).toHaveLength(1);
});

test("lets pass what can't be known where that is allowed, and nothing that is refused", () => {
  const allowed = { ...args, allow_unknown: true };
  expect(visible(planOf(moduleFile, allowed, facts, offer(artifact, [])))).toEqual({ steps: [make(folder), write], stop: undefined });
  const unread = ofKernel({ vermagic: undefined });
  expect(planOf(moduleFile, allowed, unread, offer()).stop).toBeUndefined();
  const { stop } = planOf(moduleFile, allowed, facts, offer(changed({ vermagic: otherVermagic }), []));
  expect(stop).toMatchObject({ verdict: "blocked", reason: expect.not.stringContaining("crcs") });
});

test("lets pass nothing that is another file, and then names no way to override it", () => {
  const everything = { ...args, allow_unknown: true, allow_unproved: ["vermagic", "crcs", "signature", "offsets"] as const };
  const other = changed({ name: "goodbye", vermagic: otherVermagic });
  const { stop } = planOf(moduleFile, { ...everything, allow_unproved: [...everything.allow_unproved] }, facts, offer(other));
  expect(stop?.reason).toBe(`the artifact ${artifactName(key)} does not fit web1: name refused: it is "goodbye", but must be "hello"`);
});

test.each(["sha256", "machine", "name", "nonsense"])("nobody may do without the proof of %s", (name) => {
  expect(moduleFile.args.safeParse({ ...args, allow_unproved: [name] }).success).toBe(false);
});

test("takes the evidence of the kernel's own build before any other", () => {
  const kept: KernelEvidence[] = [
    { identity: "package", crcs, map: { ...map, distances: Int32Array.of(-8, 0, 8) } },
    { identity: `build-id:${buildId}`, map },
  ];
  expect(planOf(moduleFile, args, facts, offer(reaching, kept)).stop).toBeUndefined();
});
