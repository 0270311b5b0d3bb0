import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { buildOf, builtModules, type DkmsBuild, dkmsBuilds } from "../../src/facts/dkms.ts";
import { answered, captured } from "./fixtures.ts";

const kernel = "6.1.0-56-cloud-amd64";
const other = "6.12.117+deb12-cloud-amd64";
const builds = (stdout: string) => dkmsBuilds("kofleet_example", "1.0.0").parse(answered(stdout));
const modules = (stdout: string) => builtModules("kofleet_example", "1.0.0").parse(answered(stdout));

const from = { source: "a".repeat(64), kernelPackage: "6.1.140-1", symbolMap: undefined, signer: undefined };
const noted = {
  architecture: "x86_64",
  from: { ...from, source: expect.stringMatching(/^[0-9a-f]{64}$/), kernelPackage: "6.1.153-1" },
  isOutdated: false,
};

test("reads builds in kofleet's own tree and in the host's", () => {
  expect(builds(captured("dkms-builds-debian12-built"))).toEqual([
    { ...noted, kernel, tree: "private", isInstalled: false },
    { ...noted, kernel, tree: "host", isInstalled: true },
    { ...noted, kernel: other, tree: "host", isInstalled: true },
  ]);
});

test("does not take for installed what dkms says differs from what it built", () => {
  const changed = captured("dkms-builds-debian12-installed").replace(
    ": installed",
    ": installed (WARNING! Diff between built and installed module!)",
  );
  expect(builds(changed).map(({ isInstalled }) => isInstalled)).toEqual([false, true]);
});

test("reads for which certificate a build was signed", () => {
  const signed = captured("dkms-builds-debian12-built").replace(/^(build [0-9a-f]{64} \S+ -)/m, "$1 00c3a9");
  expect(builds(signed).map(({ from }) => from?.signer)).toEqual(["00c3a9", undefined, undefined]);
});

test("reads the files that builds left, packed or not", () => {
  const found = modules(captured("built-modules-debian12"));
  const folder = `/var/lib/kofleet/dkms/kofleet_example/1.0.0/${kernel}/x86_64`;
  expect(found.map(({ kernel, path }) => [kernel, path.slice(path.lastIndexOf("/") + 1)])).toEqual([
    [kernel, "kofleet_example.ko"],
    [kernel, "kofleet_example.ko"],
    [other, "kofleet_example.ko.xz"],
  ]);
  expect(found[0]).toEqual({
    kernel,
    path: `${folder}/module/kofleet_example.ko`,
    log: `${folder}/log/make.log`,
    sha256: "dc0ae81b27f4f5488764f97be4fc5125c8894cef7ef976d88edd31c483643c5d",
    size: 6248,
    vermagic: `${kernel} SMP preempt mod_unload modversions `,
    srcversion: "389A61BFABE92BE19C44F70",
    builtAt: "2026-11-22T21:29:28Z",
  });
});

test("leaves out what is damaged", () => {
  const text = captured("built-modules-debian12");
  expect(modules(text.replace(/^modinfo vermagic.*\n/gm, ""))).toEqual([]);
});

test.each(["build nonsense\nend\n", "module nonsense\nend\n", "build - older /etc/m/v/k/a\nend\n", "dkms nonsense\nend\n"])(
  "refuses %j",
  (stdout) => {
    expect(() => [...builds(stdout), ...modules(stdout)]).toThrow(FactError);
  },
);

const build: DkmsBuild = { kernel, architecture: "x86_64", tree: "private", from, isOutdated: false, isInstalled: false };
const installed: DkmsBuild = { ...build, tree: "host", isInstalled: true };

test.each([
  ["none of another kernel", [{ ...build, kernel: "6.2" }], undefined],
  ["none of another source", [{ ...build, from: { ...from, source: "b" } }], undefined],
  ["none for another version of the kernel", [{ ...build, from: { ...from, kernelPackage: "6.1.147-1" } }], undefined],
  ["none that was signed for another certificate", [{ ...build, from: { ...from, signer: "0a" } }], undefined],
  ["none with another symbol map", [{ ...build, from: { ...from, symbolMap: "c".repeat(64) } }], undefined],
  ["the installed one first", [build, installed], installed],
  ["one that dkms made by itself from this source", [{ ...installed, from: undefined }], { ...installed, from: undefined }],
  ["none that dkms made by itself before the source changed", [{ ...installed, from: undefined, isOutdated: true }], undefined],
  ["one whose source is noted, however old", [{ ...build, isOutdated: true }], { ...build, isOutdated: true }],
])("chooses a build: %s", (_, among, chosen) => {
  expect(buildOf(among, kernel, from)).toEqual(chosen);
});

test("chooses none that dkms made by itself where the source takes a symbol map: nobody knows which it found", () => {
  const wanted = { ...from, symbolMap: "c".repeat(64) };
  expect(buildOf([{ ...installed, from: undefined }], kernel, wanted)).toBeUndefined();
  expect(buildOf([{ ...installed, from: wanted }], kernel, wanted)).toEqual({ ...installed, from: wanted });
});
