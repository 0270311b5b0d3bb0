import { expect, test } from "vitest";
import type { ArtifactKey } from "../../src/core/artifact.ts";
import { type KernelIdentity, kernelKeyName, kernelKeyOf } from "../../src/core/kernel_evidence.ts";
import { unknown } from "../../src/core/step.ts";
import type { KernelSources } from "../../src/facts/kernel_sources.ts";
import type { KernelEvidence } from "../../src/kernel/kernel_evidence.ts";
import { keptEvidence, keptMap } from "../../src/tasks/kept_evidence.ts";
import { kernelEvidence } from "../../src/tasks/kernel_evidence.ts";
import type { OfferedArtifact } from "../../src/tasks/offered_artifact.ts";
import { artifact, buildId, crcs, keptFor, key, machine, manifest, map, next, offerFor, running, sourcesFor } from "./kernel_fixture.ts";
import { planOf } from "./planning.ts";
import { predicted, visible } from "./prediction.ts";

const needy = { ...manifest, needs: ["system_map" as const] };
const args = { manifest: needy, keys: [key] };
const own: KernelIdentity = `build-id:${buildId}`;
const image: KernelIdentity = `vmlinuz:${"1".repeat(64)}`;
const inputs = (kept: readonly KernelEvidence[] = [], offered: OfferedArtifact = artifact) => ({ ...offerFor(offered), ...keptFor(kept) });
const plan = (more: Partial<KernelSources>, kept: readonly KernelEvidence[] = [], given: object = {}, offered?: OfferedArtifact) =>
  planOf(kernelEvidence, { ...args, ...given }, { machine, ...sourcesFor(more) }, inputs(kept, offered));

const whatOf = { crcs: "the symbol CRCs", map: "the symbol map" };
const fetch = (
  part: "crcs" | "map",
  identity: KernelIdentity,
  source: string,
  path: string,
  read: readonly unknown[],
  of: ArtifactKey = key,
) => ({
  kind: "fetch",
  title: `bring ${whatOf[part]} of ${of.kernel} here, from ${source}`,
  path,
  read,
  limit: 64 * 2 ** 20,
  into: { kind: "evidence", origin: { key: kernelKeyOf(of), identity, part, source, host: "web1" } },
  turn: `${part} ${kernelKeyName(of)}`,
  undo: { restore: [] },
});
const packing = (path: string) => ["gzip", "-cf", "--", path];
const asItIs = (path: string) => ["cat", "--", path];
const headers = `/lib/modules/${running}/build/Module.symvers`;
const ofHeaders = fetch("crcs", "package", "Module.symvers", headers, packing(headers));
const ofModules = (identity: KernelIdentity) =>
  fetch("crcs", identity, "the kernel's own modules", `/lib/modules/${running}/kernel`, ["sh", "-c", expect.any(String), "sh", running]);
const ofFile = (path: string, read: (path: string) => readonly string[]) =>
  fetch("crcs", "package", path.slice(path.lastIndexOf("/") + 1), path, read(path));
const symversOfRhel = `/lib/modules/${running}/symvers.gz`;

test.each<[what: string, more: Partial<KernelSources>, step: object | undefined]>([
  ["headers of the kernel's very version", {}, ofHeaders],
  ["its own modules, where the headers are of another version", { headersVersion: "6.1.137-1" }, ofModules(own)],
  ["its own modules, where no package owns the headers", { headersVersion: undefined }, ofModules(own)],
  ["its own modules, where there are no headers", { headersVersion: undefined, symvers: undefined }, ofModules(own)],
  ["the modules of a kernel that does not run", { headersVersion: undefined, symvers: undefined, identity: image }, ofModules(image)],
  ["symvers.gz of RHEL, as it is", { headersVersion: undefined, symvers: symversOfRhel }, ofFile(symversOfRhel, asItIs)],
  [
    "symvers.gz of RHEL, whatever version its headers are of",
    { headersVersion: "5.14.0-1", symvers: symversOfRhel },
    ofFile(symversOfRhel, asItIs),
  ],
  ["symvers-K.gz of SUSE, as it is", { symvers: `/boot/symvers-${running}.gz` }, ofFile(`/boot/symvers-${running}.gz`, asItIs)],
  ["symvers-K, packed", { symvers: `/boot/symvers-${running}` }, ofFile(`/boot/symvers-${running}`, packing)],
  ["headers of a foreign kernel", { identity: undefined, hasModules: false, kallsyms: "absent" }, ofHeaders],
  [
    "nothing, of a kernel that is not there",
    { identity: undefined, headersVersion: undefined, symvers: undefined, hasModules: false },
    undefined,
  ],
  ["nothing of modules whose kernel is not known", { identity: undefined, headersVersion: undefined, symvers: undefined }, undefined],
  ["nothing, of a kernel without modules", { headersVersion: undefined, symvers: undefined, hasModules: false }, undefined],
])("brings CRCs from %s", (_, more, step) => {
  expect(visible(plan(more, [], { parts: ["crcs"] }))).toEqual({ steps: step ? [step] : [], stop: undefined });
});

const mapFile = { path: `/usr/lib/debug/boot/System.map-${running}`, sha256: "f".repeat(64), isOwned: true };
const ofKallsyms = fetch("map", own, "/proc/kallsyms", "/proc/kallsyms", packing("/proc/kallsyms"));
const ofMapFile = (identity: KernelIdentity) => fetch("map", identity, mapFile.path, mapFile.path, packing(mapFile.path));

test.each<[what: string, more: Partial<KernelSources>, step: object | undefined]>([
  ["the running kernel itself", {}, ofKallsyms],
  ["the running kernel itself, though there is a file", { map: mapFile }, ofKallsyms],
  ["a file, where the running kernel hides its addresses", { map: mapFile, kallsyms: "hidden" }, ofMapFile(own)],
  ["a file, of a kernel that does not run", { map: mapFile, kallsyms: "absent", identity: image }, ofMapFile(image)],
  ["a file, of a kernel that is not there", { map: mapFile, kallsyms: "absent", identity: undefined }, ofMapFile("package")],
  ["nowhere, of a file that no package brought", { map: { ...mapFile, isOwned: false }, kallsyms: "absent", identity: image }, undefined],
  ["nowhere, where the running kernel hides its addresses", { kallsyms: "hidden" }, undefined],
  ["nowhere, where it does not run", { kallsyms: "absent", identity: image }, undefined],
])("brings the map from %s", (_, more, step) => {
  expect(visible(plan(more, [], { parts: ["map"] }))).toEqual({ steps: step ? [step] : [], stop: undefined });
});

const another = { ...key, kernelPackage: "6.1.147-1" };

test("a kernel of another version under the same name tells nothing of it but what its headers are", () => {
  const given = { ...args, keys: [another] };
  const asked = { ...offerFor(artifact, another), ...keptFor([], another) };
  const none = { headersVersion: "6.1.140-1" };
  expect(planOf(kernelEvidence, given, { machine, ...sourcesFor({ ...none, map: mapFile }) }, asked)).toEqual({
    steps: [],
    stop: undefined,
  });
  const headersOnly = { machine, ...sourcesFor({ headersVersion: "6.1.147-1", map: mapFile }) };
  expect(visible(planOf(kernelEvidence, given, headersOnly, asked))).toEqual({
    steps: [fetch("crcs", "package", "Module.symvers", headers, packing(headers), another)],
    stop: undefined,
  });
});

test("a kernel whose package was replaced since it was started tells nothing of what lies on its disk", () => {
  const kernels = machine.kernels.map((kernel) => ({ ...kernel, startedVersion: "6.1.137-1" }));
  const facts = { machine: { ...machine, kernels }, ...sourcesFor({ symvers: undefined, map: mapFile }) };
  expect(planOf(kernelEvidence, args, facts, inputs())).toEqual({ steps: [], stop: undefined });
});

test("the tree that an unowned kernel was built in knows its CRCs", () => {
  const unowned = { ...key, kernelPackage: own };
  const kernels = machine.kernels.map((kernel) => ({ ...kernel, packageVersion: own }));
  const facts = { machine: { ...machine, kernels }, ...sourcesFor({ headersVersion: undefined }) };
  const asked = { ...offerFor(artifact, unowned), ...keptFor([], unowned) };
  const [step] = planOf(kernelEvidence, { ...args, keys: [unowned], parts: ["crcs"] }, facts, asked).steps;
  expect(step).toMatchObject({ path: headers, into: { origin: { identity: "package" } } });
});

const reaching: OfferedArtifact = { ...artifact, module: { ...artifact.module, offsets: { distances: [0x40], isPartial: false } } };

test.each<[what: string, given: object, offered: OfferedArtifact, isTaken: boolean]>([
  ["the manifest needs one", {}, artifact, true],
  ["the manifest needs one, and nothing is built yet", {}, { kind: "none" }, true],
  ["the artifact reaches symbols by their distance", { manifest }, reaching, true],
  ["the artifact reaches none", { manifest }, artifact, false],
  ["nothing is built yet", { manifest }, { kind: "none" }, false],
  ["the artifact is damaged", { manifest }, { kind: "damaged", problem: "truncated" }, false],
])("where %s", (_, given, offered, isTaken) => {
  expect(visible(plan({}, [], given, offered))).toEqual({ steps: isTaken ? [ofHeaders, ofKallsyms] : [ofHeaders], stop: undefined });
});

test.each<[what: string, kept: readonly KernelEvidence[], steps: readonly object[]]>([
  [
    "all of one build",
    [
      { identity: "package", crcs },
      { identity: own, crcs, map },
    ],
    [],
  ],
  [
    "CRCs of headers and the map of its build",
    [
      { identity: "package", crcs },
      { identity: own, map },
    ],
    [],
  ],
  ["both of packages", [{ identity: "package", crcs, map }], []],
  ["the map only", [{ identity: own, map }], [ofHeaders]],
  ["CRCs only", [{ identity: "package", crcs }], [ofKallsyms]],
  ["both of another build", [{ identity: "build-id:b0b0", crcs, map }], [ofHeaders, ofKallsyms]],
  ["those CRCs only that modules use, where headers know all", [{ identity: own, crcs, map }], [ofHeaders]],
])("asks for nothing that is kept: %s", (_, kept, steps) => {
  expect(visible(plan({}, kept))).toEqual({ steps, stop: undefined });
});

test("plans nothing once what it brought is kept, and in check mode does not claim to know what that is", () => {
  const after = predicted(kernelEvidence, args, { machine, ...sourcesFor() }, inputs());
  expect(after.inputs[`kept ${kernelKeyName(key)}`]).toBe(unknown);
  const kept: KernelEvidence[] = [
    { identity: "package", crcs },
    { identity: own, map },
  ];
  expect(planOf(kernelEvidence, args, after.facts, { ...after.inputs, ...keptFor(kept) })).toEqual({ steps: [], stop: undefined });
});

test("asks once for a kernel, whatever is built for it, and for each kernel by itself", () => {
  const another = { ...key, source: "b".repeat(64) };
  const ofNext = { ...key, kernel: next };
  const path = `/lib/modules/${next}/build/Module.symvers`;
  const facts = { machine, ...sourcesFor(), ...sourcesFor({ symvers: path, kallsyms: "absent", identity: image }, next) };
  const given = { ...inputs(), ...keptFor([], ofNext) };
  expect(visible(planOf(kernelEvidence, { ...args, keys: [key, another, ofNext] }, facts, given))).toEqual({
    steps: [ofHeaders, ofKallsyms, fetch("crcs", "package", "Module.symvers", path, packing(path), ofNext)],
    stop: undefined,
  });
});

test("feeds what others read of a kernel", () => {
  const foreign = { ...key, kernelPackage: "6.1.147-1" };
  const fed = [key, foreign].flatMap((one) => [keptEvidence(one).name, keptMap(one).name]);
  expect(kernelEvidence.feeds?.(kernelEvidence.args.parse({ ...args, keys: [key, foreign] })).map(({ name }) => name)).toEqual(fed);
  const changed = plan({}).steps.flatMap(({ changes = [] }) => changes.map(({ of, name }) => `${of} ${name}`));
  expect(new Set(changed)).toEqual(new Set([keptEvidence(key), keptMap(key)].map(({ name }) => `input ${name}`)));
});

test("has nothing to do without keys", () => {
  expect(planOf(kernelEvidence, { ...args, keys: [] }, { machine }, {})).toEqual({ steps: [], stop: undefined });
});
