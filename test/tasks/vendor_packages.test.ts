import { expect, test } from "vitest";
import type { Manifest } from "../../src/config/manifest.ts";
import { artifactName } from "../../src/core/artifact.ts";
import type { FileState } from "../../src/facts/files.ts";
import type { OfferedPackage } from "../../src/tasks/offered_package.ts";
import { vendorPackages } from "../../src/tasks/vendor_packages.ts";
import { type PackageKind, packageKind, vendorPlace, vendorResults } from "../../src/tasks/vendor_place.ts";
import { digest, key, manifest, next, running } from "./kernel_fixture.ts";
import { planAfter, planOf } from "./planning.ts";

const vendor = { package: "{{name}}-{{kernel}}-{{version}}.tar.gz", results: "/root/{{name}}", server: "/srv/{{distribution}}/{{major}}/" };
const served: Manifest = { ...manifest, vendor };
const args = { manifest: served, keys: [key] };
const path = `/srv/debian/12/hello-${running}-1.0.tar.gz`;
const offer: OfferedPackage = { kind: "package", sha256: digest, size: 700 };
const inputs = { [artifactName(key)]: offer };
const absent: FileState = { kind: "absent" };
const folder: FileState = { kind: "folder", mode: 0o755, owner: { id: 0 }, group: { id: 0 }, size: 0 };
const file = (sha256: string): FileState => ({ ...folder, kind: "file", mode: 0o644, sha256 });

const facts = { "/srv/debian/12": absent, [path]: absent };

test("makes the folder, puts the package there, and then plans nothing", () => {
  expect(planOf(vendorPackages, args, facts, inputs)).toMatchObject({
    steps: [
      { kind: "run", argv: ["install", "-d", "-m", "00755", "--", "/srv/debian/12"] },
      { kind: "write", path, sha256: digest, mode: 0o644, undo: { restore: [path] } },
    ],
    stop: undefined,
  });
  expect(planAfter(vendorPackages, args, facts, inputs)).toEqual({ steps: [], stop: undefined });
});

test("makes a folder of several packages once", () => {
  const other = { ...key, kernel: next };
  const place = vendorPlace(served, other);
  const both = { ...facts, [place.path]: absent };
  const { steps } = planOf(vendorPackages, { manifest: served, keys: [key, other] }, both, { ...inputs, [artifactName(other)]: offer });
  expect(steps.map(({ kind }) => kind)).toEqual(["run", "write", "write"]);
});

test.each<[string, Record<string, FileState>, OfferedPackage, object]>([
  ["what is there already", { ...facts, [path]: file(digest) }, offer, { steps: [{ kind: "run" }], stop: undefined }],
  [
    "other contents",
    { "/srv/debian/12": folder, [path]: file("e".repeat(64)) },
    offer,
    { steps: [], stop: { verdict: "blocked", reason: expect.stringContaining(`there with other contents: ${path}`) } },
  ],
  ["no artifact", { ...facts, "/srv/debian/12": folder }, { kind: "none" }, { steps: [], stop: { verdict: "failed" } }],
  [
    "an artifact that may not be used",
    { ...facts, "/srv/debian/12": folder },
    { kind: "damaged", problem: "it is not signed" },
    { steps: [], stop: { verdict: "blocked", reason: expect.stringContaining("it is not signed") } },
  ],
  ["a file in place of the folder", { ...facts, "/srv/debian/12": file(digest) }, offer, { steps: [], stop: { verdict: "failed" } }],
])("meets %s", (_, given, package_, planned) => {
  expect(planOf(vendorPackages, args, given, { [artifactName(key)]: package_ })).toMatchObject(planned);
});

test("replaces other contents where it is forced to", () => {
  const given = { "/srv/debian/12": folder, [path]: file("e".repeat(64)) };
  expect(planOf(vendorPackages, { ...args, force: true }, given, inputs).steps).toMatchObject([{ kind: "write", path }]);
});

test.each<[string, Partial<typeof vendor>, string]>([
  ["a relative folder", { server: "dkms/" }, 'vendor.server must be an absolute path, not "dkms/"'],
  ["a package in a folder", { package: "x/{{name}}.tar.gz" }, "vendor.package must be a file's name"],
])("refuses %s", (_, more, message) => {
  expect(() => vendorPlace({ ...served, vendor: { ...vendor, ...more } }, key)).toThrow(message);
});

test("a manifest without a vendor says what it lacks", () => {
  expect(() => vendorPlace(manifest, key)).toThrow("hello.yaml:1:1: the manifest has no vendor");
});

test.each<[template: string, file: string, kind: PackageKind]>([
  [vendor.package, `hello-${running}-1.0.tar.gz`, "wanted"],
  [vendor.package, "hello-6.1-2.0.tar.gz", "another version"],
  [vendor.package, "hello-6.1-1.0-rc1.tar.gz", "another version"],
  [vendor.package, "hello--1.0.tar.gz", "foreign"],
  [vendor.package, "hello-6.1-1.0.tar.gz.part", "foreign"],
  [vendor.package, "hello-world-6.1-1.0.tar.gz", "foreign"],
  [vendor.package, "other-6.1-1.0.tar.gz", "foreign"],
  ["{{name}}_{{version}}+{{kernel}}.tgz", "hello_1.0+6.1.tgz", "wanted"],
  ["{{name}}_{{version}}+{{kernel}}.tgz", "hello_1x0+6.1.tgz", "another version"],
  ["{{name}}_{{kernel}}.tgz", "hello_6.1.tgz", "wanted"],
])("in the results' folder, of packages called %s, %s is %s", (template, file, kind) => {
  const named = { ...served, vendor: { ...vendor, package: template } };
  expect(packageKind(file, named, "debian 12")).toBe(kind);
});

test("knows the results' folder", () => expect(vendorResults(served, "debian 12")).toBe("/root/hello"));
