import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { buildOf, builtModules, type DkmsBuild, dkmsBuilds } from "../../src/facts/dkms.ts";
import { answered, captured } from "./fixtures.ts";

const kernel = "6.1.0-56-cloud-amd64";
const builds = (stdout: string) => dkmsBuilds("kofleet_example", "1.0.0").parse(answered(stdout));
const modules = (stdout: string) => builtModules("kofleet_example", "1.0.0").parse(answered(stdout));

test("reads a build in kofleet's own tree", () => {
  expect(builds(captured("dkms-builds-debian12-built"))).toEqual([
    {
      kernel,
      architecture: "x86_64",
      tree: "private",
      source: expect.stringMatching(/^[0-9a-f]{64}$/),
      isOutdated: false,
      isInstalled: false,
    },
  ]);
});

test("reads a build that dkms has installed", () => {
  expect(builds(captured("dkms-builds-debian12-installed"))).toMatchObject([{ kernel, tree: "host", isInstalled: true }]);
});

test("does not take for installed what dkms says differs from what it built", () => {
  const changed = captured("dkms-builds-debian12-installed").replace(
    ": installed",
    ": installed (WARNING! Diff between built and installed module!)",
  );
  expect(builds(changed)).toMatchObject([{ tree: "host", isInstalled: false }]);
});

test("reads the file that a build left", () => {
  const [built, ...others] = modules(captured("built-modules-debian12"));
  expect(others).toEqual([]);
  expect(built).toEqual({
    kernel,
    path: `/var/lib/kofleet/dkms/kofleet_example/1.0.0/${kernel}/x86_64/module/kofleet_example.ko`,
    log: `/var/lib/kofleet/dkms/kofleet_example/1.0.0/${kernel}/x86_64/log/make.log`,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    size: expect.any(Number),
    vermagic: `${kernel} SMP preempt mod_unload modversions `,
    srcversion: expect.stringMatching(/^[0-9A-F]{23}$/),
    builtAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
});

test("leaves out what is damaged", () => {
  const text = captured("built-modules-debian12");
  expect(modules(text.replace(/^module [0-9a-f]{64}/m, "module -"))).toEqual([]);
  expect(modules(text.replace(/^modinfo vermagic.*\n/m, ""))).toEqual([]);
});

test.each(["build nonsense\nend\n", "module nonsense\nend\n", "build - older /etc/m/v/k/a\nend\n", "dkms nonsense\nend\n"])(
  "refuses %j",
  (stdout) => {
    expect(() => [...builds(stdout), ...modules(stdout)]).toThrow(FactError);
  },
);

const build: DkmsBuild = { kernel, architecture: "x86_64", tree: "private", source: "a", isOutdated: false, isInstalled: false };
const installed: DkmsBuild = { ...build, tree: "host", isInstalled: true };

test.each([
  ["none of another kernel", [{ ...build, kernel: "6.2" }], undefined],
  ["none of another source", [{ ...build, source: "b" }], undefined],
  ["the installed one first", [build, installed], installed],
  ["one that dkms made by itself from this source", [{ ...installed, source: undefined }], { ...installed, source: undefined }],
  ["none that dkms made by itself before the source changed", [{ ...installed, source: undefined, isOutdated: true }], undefined],
  ["one whose source is noted, however old", [{ ...build, isOutdated: true }], { ...build, isOutdated: true }],
])("chooses a build: %s", (_, among, chosen) => {
  expect(buildOf(among, kernel, "a")).toEqual(chosen);
});
