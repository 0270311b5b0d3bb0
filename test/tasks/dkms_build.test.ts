import { expect, test } from "vitest";
import { unknown } from "../../src/core/step.ts";
import type { DkmsBuild } from "../../src/facts/dkms.ts";
import type { Machine } from "../../src/facts/machine.ts";
import { dkmsBuild } from "../../src/tasks/dkms_build.ts";
import type { WantedSource } from "../../src/tasks/laid_out_source.ts";
import { file, machine, manifest, next, nothing, redhatHost, running, source, suseHost, vermagic } from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { planAgain } from "./prediction.ts";

const wanted: WantedSource = { sha256: source, files: [{ path: "dkms.conf", mode: 0o644, sha256: "c1" }] };
const tree = { files: new Map([["dkms.conf", { mode: 0o644, sha256: "c1" }]]), folders: new Set(["."]) };
const facts = { machine, builds: [] as readonly DkmsBuild[], tree, module: nothing, entries: [] };
const build: DkmsBuild = { kernel: running, architecture: "x86_64", tree: "private", source, isOutdated: false, isInstalled: false };
const installed: DkmsBuild = { ...build, tree: "host", isInstalled: true };
const both = [running, next];
const plan = (args: object, given: object = {}, host = debianHost) =>
  planOf(dkmsBuild, { manifest, kernels: [running], ...args } as never, { ...facts, ...given }, { source: wanted }, host);
const titles = (args: object, given: object = {}, host = debianHost) => {
  const { steps, stop } = plan(args, given, host);
  return stop ?? steps.map((step) => step.title);
};

const built = `build hello 1.0 for ${running}`;
const put = `install hello 1.0 for ${running} with dkms`;

test.each([
  ["builds and installs what is not there", {}, {}, [built, put]],
  ["only builds where nothing more is wanted", { state: "built" }, {}, [built]],
  ["installs what is built", {}, { builds: [build] }, [put]],
  ["builds anew what came from another source", {}, { builds: [{ ...installed, source: "b".repeat(64) }] }, [built, put]],
  [
    "builds anew what dkms built before the source changed",
    {},
    { builds: [{ ...installed, source: undefined, isOutdated: true }] },
    [built, put],
  ],
  ["installs again what is not what dkms built", {}, { builds: [{ ...installed, isInstalled: false }] }, [put]],
  [
    "serves each kernel by itself",
    { kernels: both },
    { builds: [installed] },
    [`build hello 1.0 for ${next}`, `install hello 1.0 for ${next} with dkms`],
  ],
])("%s", (_, args, given, expected) => {
  expect(titles(args, given)).toEqual(expected);
  expect(planAgain(dkmsBuild, { manifest, kernels: [running], ...args } as never, { ...facts, ...given }, { source: wanted })).toEqual({
    steps: [],
    stop: undefined,
  });
});

test.each([
  ["it is installed", {}, { builds: [installed] }],
  ["it is built, and no more is wanted", { state: "built" }, { builds: [build] }],
  ["it is installed, where a build is wanted", { state: "built" }, { builds: [installed] }],
  ["dkms itself built it from this source", {}, { builds: [{ ...installed, source: undefined }] }],
])("plans nothing once %s", (_, args, given) => {
  expect(plan(args, given)).toEqual({ steps: [], stop: undefined });
});

const lacks = (gone: Partial<Machine>) => ({ machine: { ...machine, ...gone } });

test.each([
  ["dkms", lacks({ dkms: undefined }), `cannot build for ${running} without dkms`],
  ["a compiler", lacks({ compiler: undefined }), "without gcc, make"],
  ["the kernel's headers", lacks({ headers: [next] }), `without linux-headers-${running}`],
  ["the source", { tree: { files: new Map(), folders: new Set() } }, "/usr/src/hello-1.0 is not the manifest's source"],
])("says what is missing: %s", (_, given, reason) => {
  expect(titles({}, given)).toMatchObject({ verdict: "failed", reason: expect.stringContaining(reason) });
});

test("refuses a family that it does not know", () => {
  expect(titles({}, {}, suseHost)).toMatchObject({ verdict: "failed" });
});

test("builds apart from the connection, against the vermagic of the kernel's own modules", () => {
  const [step] = plan({ state: "built" }).steps;
  expect(step).toMatchObject({ kind: "script", detached: true });
  expect(step).toHaveProperty("args", ["hello", "1.0", running, "x86_64", source, vermagic, "unsigned"]);
});

test("has no vermagic to compare for a kernel of which it has only headers, and signs where the kernel asks for it", () => {
  const given = lacks({ headers: ["6.12.1-amd64"], signatureEnforced: true });
  const [step] = plan({ kernels: ["6.12.1-amd64"], state: "built" }, given).steps;
  expect(step).toHaveProperty("args", ["hello", "1.0", "6.12.1-amd64", "x86_64", source, "", "signed"]);
});

test("installs where the family wants modules", () => {
  const host = { ...redhatHost, kernel: running };
  const [step] = plan({}, { builds: [build] }, host).steps;
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
  expect(plan({}, { builds: [build], ...given }).steps[0]?.undo).toEqual(undo);
});

test("does not claim to know in check mode what only a build can tell", () => {
  const { steps } = plan({});
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
