import { expect, test } from "vitest";
import { artifactName } from "../../src/core/artifact.ts";
import { unknown } from "../../src/core/step.ts";
import type { BuiltModule, DkmsBuild } from "../../src/facts/dkms.ts";
import type { ModuleInfo } from "../../src/kernel/module_info.ts";
import { artifactFetch } from "../../src/tasks/artifact_fetch.ts";
import { artifact, digest, key, machine, manifest, next, provenance, running, source, sourcesFor, vermagic } from "./kernel_fixture.ts";
import { planOf } from "./planning.ts";
import { predicted, visible } from "./prediction.ts";

const tree = (folder: string) => `${folder}/hello/1.0/${running}/x86_64`;
const moduleIn = (folder: string, suffix = ""): BuiltModule => ({
  kernel: running,
  path: `${tree(folder)}/module/hello.ko${suffix}`,
  log: `${tree(folder)}/log/make.log`,
  sha256: digest,
  size: 5160,
  vermagic,
  srcversion: provenance.srcversion,
  builtAt: provenance.origin.at,
});
const from = { source, kernelPackage: key.kernelPackage, symbolMap: undefined, signer: undefined };
const build: DkmsBuild = { kernel: running, architecture: "x86_64", tree: "private", from, isOutdated: false, isInstalled: false };
const mine = "/var/lib/kofleet/dkms";
const facts = { machine, builds: [build], modules: [moduleIn(mine)], ...sourcesFor() };
const looked: ReadonlyMap<string, ModuleInfo> = new Map([[digest, artifact.module]]);
const storedFor = (stored: string | undefined, of = key): Readonly<Record<`stored ${string}`, string | undefined>> => ({
  [`stored ${artifactName(of)}`]: stored,
});
const inputs = (stored?: string, examined: ReadonlyMap<string, ModuleInfo> = new Map()) => ({
  run: "run-1",
  examined,
  certificate: undefined,
  ...storedFor(stored),
});
const args = { manifest, keys: [key] };
const fetch = {
  kind: "fetch",
  title: `fetch hello 1.0 for ${running}`,
  path: moduleIn(mine).path,
  limit: 64 * 2 ** 20,
  log: moduleIn(mine).log,
  into: { kind: "artifact", provenance },
  undo: { restore: [] },
};

test.each([
  ["what the store lacks", facts, undefined, [fetch]],
  ["what the store has of another build", facts, "e".repeat(64), [fetch]],
  [
    "from the host's own tree what is installed",
    {
      ...facts,
      builds: [build, { ...build, tree: "host" as const, isInstalled: true }],
      modules: [moduleIn(mine), moduleIn("/var/lib/dkms")],
    },
    undefined,
    [{ ...fetch, path: moduleIn("/var/lib/dkms").path, log: moduleIn("/var/lib/dkms").log }],
  ],
])("fetches %s", (_, given, stored, steps) => {
  expect(visible(planOf(artifactFetch, args, given, inputs(stored)))).toEqual({ steps, stop: undefined });
  const after = predicted(artifactFetch, args, given, inputs(stored));
  expect(planOf(artifactFetch, args, after.facts, after.inputs)).toEqual({ steps: [], stop: undefined });
});

test.each([".xz", ".zst", ".gz"])("leaves unpacking a module ending in %s to this machine", (suffix) => {
  const given = { ...facts, modules: [moduleIn(mine, suffix)] };
  expect(planOf(artifactFetch, args, given, inputs()).steps).toMatchObject([
    { kind: "fetch", path: `${tree(mine)}/module/hello.ko${suffix}`, into: { provenance: { sha256: digest } } },
  ]);
});

test("claims nothing of its builder that nobody saw", () => {
  const bare = { ...machine, compiler: undefined, make: undefined, dkms: undefined, kernels: [], kernelCompilers: {} };
  const [step] = planOf(artifactFetch, args, { ...facts, machine: bare }, inputs()).steps;
  expect(step).toMatchObject({
    into: { provenance: { origin: { kind: "built", builder: "web1", at: provenance.origin.at, run: "run-1" } } },
  });
  expect(JSON.stringify(step)).not.toContain("compiler");
});

test("says what a kernel was compiled with of which only the headers are there", () => {
  const cross = { ...machine, kernels: [], kernelCompilers: { [running]: "gcc-13 (Debian 13.2.0-1) 13.2.0" } };
  const [step] = planOf(artifactFetch, args, { ...facts, machine: cross }, inputs()).steps;
  expect(step).toMatchObject({ into: { provenance: { origin: { kernelCompiler: "gcc-13 (Debian 13.2.0-1) 13.2.0" } } } });
});

test("plans nothing once the store has that build", () => {
  expect(planOf(artifactFetch, args, facts, inputs(digest))).toEqual({ steps: [], stop: undefined });
});

const look = {
  kind: "fetch",
  title: `look into hello 1.0 for ${running}`,
  path: moduleIn(mine).path,
  limit: 64 * 2 ** 20,
  into: { kind: "examination" },
  undo: { restore: [] },
};
const both = { manifest, keys: [key], examine: [key] };

test("looks into what the host keeps for itself, and brings nothing of it into the store", () => {
  const own = { manifest, keys: [], examine: [key] };
  expect(visible(planOf(artifactFetch, own, facts, inputs()))).toEqual({ steps: [look], stop: undefined });
  expect(planOf(artifactFetch, own, facts, inputs(undefined, looked))).toEqual({ steps: [], stop: undefined });
});

test("looks into what it brings into the store on the way", () => {
  expect(visible(planOf(artifactFetch, both, facts, inputs()))).toEqual({ steps: [fetch], stop: undefined });
});

test.each([
  ["is to examine", { manifest, keys: [], examine: [key] }],
  ["is to fetch", { manifest, keys: [key] }],
])("feeds what other hosts read of the modules that it %s", (_, given) => {
  const parsed = artifactFetch.args.parse(given);
  const names = artifactFetch.feeds?.(parsed).map(({ name }) => name) ?? [];
  const changed = planOf(artifactFetch, given, facts, inputs()).steps.flatMap(({ changes = [] }) => changes.map(({ name }) => name));
  expect(names).toEqual(expect.arrayContaining(changed));
});

const map = { path: `/usr/lib/debug/boot/System.map-${running}`, sha256: "f".repeat(64), isOwned: false };

test.each([
  ["that its source needs", ["system_map" as const], { symbolMap: map.sha256 }],
  ["of none that its source does not need", [], {}],
])("tells the digest of the symbol map %s", (_, needs, origin) => {
  const built = { ...build, from: { ...from, symbolMap: needs.length > 0 ? map.sha256 : undefined } };
  const given = { ...facts, builds: [built], ...sourcesFor({ map }) };
  const [step] = planOf(artifactFetch, { manifest: { ...manifest, needs }, keys: [key] }, given, inputs()).steps;
  expect(step).toMatchObject({ into: { provenance: { ...provenance, origin: { ...provenance.origin, ...origin } } } });
  expect(JSON.stringify(step).includes("symbolMap")).toBe("symbolMap" in origin);
});

test("keeps the key of the hosts that it is for, even where the builder does not have their kernel", () => {
  const foreign = { ...key, kernelPackage: "6.1.140-1+other" };
  const builds = [{ ...build, from: { ...from, kernelPackage: foreign.kernelPackage } }];
  const [step] = planOf(artifactFetch, { manifest, keys: [foreign] }, { ...facts, builds }, inputs()).steps;
  expect(step).toMatchObject({ into: { provenance: { kernelPackage: "6.1.140-1+other", origin: { builder: "web1" } } } });
});

test.each([
  ["nothing was built", { ...facts, builds: [] }],
  ["another kernel was built", { ...facts, builds: [{ ...build, kernel: next }] }],
  ["another source was built", { ...facts, builds: [{ ...build, from: { ...from, source: "b".repeat(64) } }] }],
  ["the build left a damaged file", { ...facts, modules: [] }],
])("fails where %s", (_, given) => {
  expect(planOf(artifactFetch, args, given, inputs())).toMatchObject({
    stop: { verdict: "failed", reason: expect.stringContaining(`no build of hello 1.0 for ${running}`) },
  });
});

test("does not claim to know what is in a file that it has not seen", () => {
  const changes = planOf(artifactFetch, args, facts, inputs()).steps.flatMap((step) => step.changes ?? []);
  const offered = changes.find(({ name }) => name.startsWith("offeredArtifact"));
  expect(offered).toMatchObject({ of: "input", name: `offeredArtifact ${artifactName(key)}` });
  expect(offered?.to({ kind: "none" })).toBe(unknown);
});
