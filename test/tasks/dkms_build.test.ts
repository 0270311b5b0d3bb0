import { expect, test } from "vitest";
import type { ArtifactKey } from "../../src/core/artifact.ts";
import type { FleetCertificate } from "../../src/core/input.ts";
import { unknown } from "../../src/core/step.ts";
import type { BuiltModule, DkmsBuild } from "../../src/facts/dkms.ts";
import type { Machine } from "../../src/facts/machine.ts";
import type { KernelEvidence } from "../../src/kernel/kernel_evidence.ts";
import type { ModuleInfo } from "../../src/kernel/module_info.ts";
import { dkmsBuild } from "../../src/tasks/dkms_build.ts";
import type { WantedSource } from "../../src/tasks/laid_out_source.ts";
import {
  artifact,
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
  redhatHost,
  running,
  source,
  sourcesFor,
  suseHost,
  vermagic,
} from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { planAgain, predicted } from "./prediction.ts";

const wanted: WantedSource = { sha256: source, files: [{ path: "dkms.conf", mode: 0o644, sha256: "c1" }] };
const tree = { files: new Map([["dkms.conf", { mode: 0o644, sha256: "c1" }]]), folders: new Set(["."]) };
const from = { source, kernelPackage: key.kernelPackage, symbolMap: undefined, signer: undefined };
const build: DkmsBuild = { kernel: running, architecture: "x86_64", tree: "private", from, isOutdated: false, isInstalled: false };
const installed: DkmsBuild = { ...build, tree: "host", isInstalled: true };
const ofNext = { ...key, kernel: next };
const both = [key, ofNext];

const folders = { private: "/var/lib/kofleet/dkms", host: "/var/lib/dkms" };
/** The file that a build left. */
const moduleOf = ({ kernel, tree }: DkmsBuild): BuiltModule => ({
  kernel,
  path: `${folders[tree]}/hello/1.0/${kernel}/x86_64/module/hello.ko`,
  log: `${folders[tree]}/hello/1.0/${kernel}/x86_64/log/make.log`,
  sha256: kernel === running ? digest : "e".repeat(64),
  size: 5160,
  vermagic: `${kernel} SMP preempt mod_unload modversions `,
  srcversion: file.srcversion ?? "",
  builtAt: "2026-11-22T20:25:35Z",
});
/** Builds, with the files that they left. */
const having = (...builds: DkmsBuild[]) => ({ builds, modules: builds.map(moduleOf) });

const facts = { machine, enrolled, ...having(), tree, module: nothing, entries: [], ...sourcesFor(), ...sourcesFor({}, next) };
const looked: ReadonlyMap<string, ModuleInfo> = new Map([
  [digest, artifact.module],
  ["e".repeat(64), { ...artifact.module, vermagic: `${next} SMP preempt mod_unload modversions ` }],
]);
const known = { source: wanted, examined: looked, certificate: undefined, ...keptFor(), ...keptFor(undefined, ofNext) };
const plan = (args: object, given: object = {}, host = debianHost, inputs: object = {}) =>
  planOf(dkmsBuild, { manifest, keys: [key], ...args } as never, { ...facts, ...given }, { ...known, ...inputs }, host);
const titles = (args: object, given: object = {}, host = debianHost) => {
  const { steps, stop } = plan(args, given, host);
  return stop ?? steps.map((step) => step.title);
};

const built = `build hello 1.0 for ${running}`;
const put = `install hello 1.0 for ${running} with dkms`;

test.each([
  ["builds what is not there", {}, {}, [built]],
  ["builds anew what came from another source", {}, having({ ...installed, from: { ...from, source: "b".repeat(64) } }), [built]],
  ["builds anew what dkms built before the source changed", {}, having({ ...installed, from: undefined, isOutdated: true }), [built]],
  [
    "builds anew what was for another version of the kernel",
    {},
    having({ ...build, from: { ...from, kernelPackage: "6.1.137-1" } }),
    [built],
  ],
  ["serves each kernel by itself", { keys: both }, having(installed), [`build hello 1.0 for ${next}`]],
])("%s", (_, args, given, expected) => {
  const wish = { manifest, keys: [key], state: "built", ...args };
  expect(titles(wish, given)).toEqual(expected);
  expect(planAgain(dkmsBuild, wish as never, { ...facts, ...given }, known)).toEqual({ steps: [], stop: undefined });
});

test.each([
  ["installs what is built", {}, having(build), [put]],
  ["installs again what is not what dkms built", {}, having({ ...installed, isInstalled: false }), [put]],
  [
    "serves each kernel by itself, what is built for it",
    { keys: both },
    having(installed, { ...build, kernel: next }),
    [`install hello 1.0 for ${next} with dkms`],
  ],
])("%s", (_, args, given, expected) => {
  const wish = { manifest, keys: [key], ...args } as never;
  expect(titles(args, given)).toEqual(expected);
  const after = predicted(dkmsBuild, wish, { ...facts, ...given }, known);
  // Where the files lie then only the host can tell: in dkms' own tree.
  expect(after.facts.modules).toBe(unknown);
  const modules = after.facts.builds.map(moduleOf);
  expect(planOf(dkmsBuild, wish, { ...after.facts, modules }, after.inputs)).toEqual({ steps: [], stop: undefined });
});

test.each([
  ["it is installed", {}, having(installed)],
  ["it is built, and no more is wanted", { state: "built" }, having(build)],
  ["it is installed, where a build is wanted", { state: "built" }, having(installed)],
  ["dkms itself built it from this source", {}, having({ ...installed, from: undefined })],
])("plans nothing once %s", (_, args, given) => {
  expect(plan(args, given)).toEqual({ steps: [], stop: undefined });
});

const lacks = (gone: Partial<Machine>) => ({ machine: { ...machine, ...gone } });
const needy = { ...manifest, needs: ["system_map" as const], reaches: ["hidden_one"] };

const withMap = sourcesFor({ map: { path: `/usr/lib/debug/boot/System.map-${running}`, sha256: "f".repeat(64), isOwned: false } });

test.each([
  ["dkms", lacks({ dkms: undefined }), `cannot build for ${running} without dkms`],
  ["a compiler", lacks({ compiler: undefined }), "without gcc, make"],
  ["the kernel's headers", lacks({ headers: [next] }), `without linux-headers-${running}`],
  ["the source", { tree: { files: new Map(), folders: new Set() } }, "/usr/src/hello-1.0 is not the manifest's source"],
  ["the symbol map that it needs", {}, `cannot build for ${running} without its symbol map: the task symbol_map comes before`],
])("says what is missing: %s", (_, given, reason) => {
  const stop = titles({ state: "built", manifest: needy }, { ...(reason.includes("map") ? {} : withMap), ...given });
  expect(stop).toMatchObject({ verdict: "failed", reason: expect.stringContaining(reason) });
});

test("notes the source that lies here, whatever a key says of it, and installs it for no other", () => {
  const foreign = { ...key, source: "c".repeat(64) };
  expect(plan({ state: "built", keys: [foreign] }).steps[0]).toMatchObject({ args: { 4: `${source} 6.1.140-1 -` } });
  expect(plan({ keys: [foreign] }, having(build))).toMatchObject({ steps: [], stop: { verdict: "failed" } });
});

test("builds with the symbol map that it needs", () => {
  expect(titles({ state: "built", manifest: needy }, withMap)).toEqual([built]);
});

test("builds against no headers of another version than the kernel's", () => {
  const given = sourcesFor({ headersVersion: "6.1.137-1" });
  expect(titles({ state: "built" }, given)).toEqual({
    verdict: "blocked",
    reason: `the headers of ${running} here are of version 6.1.137-1, but the kernel is of 6.1.140-1: install those of that version`,
  });
});

test.each<[what: string, of: ArtifactKey, headersVersion: string | undefined]>([
  ["no package owns", key, undefined],
  ["a package owns, of a kernel that none does", { ...key, kernelPackage: "build-id:3a99ee" }, "6.1.137-1"],
])("builds against headers that %s", (_, of, headersVersion) => {
  expect(titles({ state: "built", keys: [of] }, sourcesFor({ headersVersion }))).toEqual([built]);
});

test.each([
  ["nothing was built", having(), {}],
  ["another source was built", having({ ...build, from: { ...from, source: "b".repeat(64) } }), {}],
  ["the build left a damaged file", { builds: [build] }, {}],
  ["nobody looked into it", having(build), { examined: new Map() }],
  ["nobody looked into what is installed", having(installed), { examined: new Map() }],
])("installs nothing where %s", (_, given, inputs) => {
  expect(plan({}, given, debianHost, inputs)).toEqual({
    steps: [],
    stop: {
      verdict: "failed",
      reason: `the build of hello 1.0 for ${running} was not looked into: the task artifact_fetch comes before, with "examine"`,
    },
  });
});

const lookedInto = (part: Partial<ModuleInfo>) => ({ examined: new Map([[digest, { ...artifact.module, ...part }]]) });
const withKept = (kept: readonly KernelEvidence[]) => keptFor(kept);
const otherCrcs = { source: "Module.symvers", crcs: new Map([...crcs.crcs, ["kfree", 0xbad]]) };

test.each<[what: string, args: object, inputs: object, reason: string, override: object | undefined]>([
  [
    "of other CRCs",
    {},
    withKept([{ identity: "package", crcs: otherCrcs }]),
    "crcs refused: CRCs that differ from Module.symvers, 1 of 2: kfree is 0x00000002, but must be 0x00000bad",
    { allow_unproved: ["crcs"] },
  ],
  ["whose CRCs nobody knows", {}, withKept([]), "crcs unknown: it wants 2 CRCs", { allow_unknown: true }],
  [
    "that reaches what is no symbol here",
    { manifest: needy },
    { ...lookedInto({ offsets: { distances: [0x48], isPartial: false } }), ...withKept([{ identity: "package", crcs, map }]) },
    "offsets refused: addresses that are no symbols of the host's kernel, 1 of 1: kfree+0x48 is hidden_one+0x8",
    { allow_unproved: ["offsets"] },
  ],
  [
    "that found no symbol map",
    { manifest: needy },
    withKept([{ identity: "package", crcs, map }]),
    "offsets refused: it was built without a symbol map",
    { allow_unproved: ["offsets"] },
  ],
  [
    "that misses what its manifest names",
    { manifest: { ...needy, reaches: ["_text"] } },
    { ...lookedInto({ offsets: { distances: [0x40], isPartial: false } }), ...withKept([{ identity: "package", crcs, map }]) },
    "offsets refused: it misses _text: it meets hidden_one",
    { allow_unproved: ["offsets"] },
  ],
  [
    "of another vermagic",
    {},
    lookedInto({ vermagic: "5.10.0 SMP " }),
    'vermagic refused: it is "5.10.0 SMP "',
    { allow_unproved: ["vermagic"] },
  ],
  ["of another machine", {}, lookedInto({ machine: "aarch64" }), 'machine refused: it is "aarch64"', undefined],
  ["of another name", {}, lookedInto({ name: "goodbye" }), 'name refused: it is "goodbye"', undefined],
])("does not install a build %s, unless that is allowed", (_, args, inputs, reason, override) => {
  const { steps, stop } = plan(args, having(build), debianHost, inputs);
  expect(steps).toEqual([]);
  expect(stop).toEqual({
    verdict: "blocked",
    reason: expect.stringContaining(`the build of hello 1.0 for ${running} does not fit web1: ${reason}`),
    result: { proofs: expect.any(Array) },
  });
  expect(stop?.reason.includes("--allow-unproved NAME override that")).toBe(override !== undefined);
  const everything = { allow_unknown: true, allow_unproved: ["vermagic", "crcs", "signature", "offsets"] };
  const allowed = plan({ ...args, ...(override ?? everything) }, having(build), debianHost, inputs);
  expect(allowed.stop?.verdict).toBe(override ? undefined : "blocked");
  expect(allowed.steps.map(({ title }) => title)).toEqual(override ? [put] : []);
});

test("is blocked also where an unproved build is installed already", () => {
  const { steps, stop } = plan({}, having(installed), debianHost, withKept([{ identity: "package", crcs: otherCrcs }]));
  expect([steps, stop?.verdict]).toEqual([[], "blocked"]);
});

test("refuses a family that it does not know", () => {
  expect(titles({}, having(build), suseHost)).toMatchObject({ verdict: "failed", reason: expect.stringContaining("SUSE") });
  expect(titles({ state: "built" }, {}, suseHost)).toMatchObject({ verdict: "failed", reason: expect.stringContaining("SUSE") });
});

test("builds apart from the connection, against the vermagic of the kernel's own modules", () => {
  const [step] = plan({ state: "built" }).steps;
  expect(step).toMatchObject({ kind: "script", detached: true });
  expect(step).toHaveProperty("args", ["hello", "1.0", running, "x86_64", `${source} 6.1.140-1 -`, vermagic, "unsigned", ""]);
  const [needing] = plan({ state: "built", manifest: needy }, withMap).steps;
  expect(needing).toMatchObject({ args: { 4: `${source} 6.1.140-1 ${"f".repeat(64)}` } });
});

test("has no vermagic to compare for a kernel of which it has only headers, and signs where the kernel asks for it", () => {
  const given = lacks({ headers: ["6.12.1-amd64"], signatureEnforced: true });
  const [step] = plan({ keys: [{ ...key, kernel: "6.12.1-amd64" }], state: "built" }, given).steps;
  expect(step).toHaveProperty("args", ["hello", "1.0", "6.12.1-amd64", "x86_64", `${source} 6.1.140-1 -`, "", "signed", ""]);
});

test("has dkms sign where builders hold the fleet's key, and builds anew what was not signed for it", () => {
  const certificate: FleetCertificate = { name: "the fleet's key", serial: "0a", isOnBuilders: true };
  const built = (...builds: DkmsBuild[]) => plan({ state: "built" }, having(...builds), debianHost, { certificate }).steps;
  const args = ["hello", "1.0", running, "x86_64", `${source} 6.1.140-1 - 0a`, vermagic, "signed", "0a"];
  for (const unsigned of [build, installed, { ...installed, from: undefined }]) expect(built(unsigned)[0]).toHaveProperty("args", args);
  expect(built({ ...installed, from: { ...from, signer: "0a" } })).toEqual([]);
});

test("installs where the family wants modules", () => {
  const host = { ...redhatHost, kernel: running };
  const [step] = plan({}, having(build), host).steps;
  expect(step).toHaveProperty("args", ["hello", "1.0", running, "x86_64", `/usr/lib/modules/${running}/extra`]);
});

const former = { module: "hello", version: "0.9", kernel: running, architecture: "x86_64", state: "installed" };

test.each([
  ["nothing", { module: nothing }, { run: ["dkms", "uninstall", "-m", "hello", "-v", "1.0", "-k", running, "-a", "x86_64"] }],
  ["what lay there", { module: { ...nothing, files: [file] } }, { restore: [file.path, "/var/lib/dkms/hello"] }],
  [
    "the version that dkms had installed",
    { module: { ...nothing, files: [file] }, entries: [former] },
    { run: ["dkms", "install", "--force", "-m", "hello", "-v", "0.9", "-k", running, "-a", "x86_64"] },
  ],
])("can go back to %s", (_, given, undo) => {
  expect(plan({}, { ...having(build), ...given }).steps[0]?.undo).toEqual(undo);
});

test("does not claim to know in check mode what only a build can tell", () => {
  const steps = [...plan({ state: "built" }).steps, ...plan({}, having(build)).steps];
  const told = steps.flatMap(({ changes = [] }) =>
    changes.map(({ name, to }) => [name, name.startsWith("dkmsBuilds") ? "known" : to(nothing)]),
  );
  expect(new Map(told as [string, unknown][])).toEqual(
    new Map<string, unknown>([
      ["dkmsBuilds hello 1.0", "known"],
      ["builtModules hello 1.0", unknown],
      ["moduleState hello", unknown],
      ["moduleDkms hello", unknown],
      [`moduleIndex hello ${running}`, unknown],
      ["moduleLoading hello", unknown],
    ]),
  );
});

test("reports the source and every build of it", () => {
  const given = { ...facts, ...having(installed) };
  expect(dkmsBuild.result?.(dkmsBuild.args.parse({ manifest, keys: both }), given, known, debianHost)).toMatchObject({
    source,
    builds: { [running]: installed, [next]: undefined },
  });
});
