import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { debian } from "../../src/distributions/debian.ts";
import { moduleIndex } from "../../src/facts/module_index.ts";
import { moduleLoading } from "../../src/facts/module_loading.ts";
import { packageVersions, unlistedPackages } from "../../src/facts/packages.ts";
import { answered, captured } from "./fixtures.ts";

test.each([
  [captured("module-index-debian12"), { listed: "kernel/drivers/block/virtio_blk.ko", isFresh: true }],
  ["index stale\nlisted updates/dkms/x.ko.xz:\nend\n", { listed: "updates/dkms/x.ko.xz", isFresh: false }],
  ["index fresh\nend\n", { listed: undefined, isFresh: true }],
  ["end\n", { listed: undefined, isFresh: false }],
])("reads what depmod's index says (%#)", (stdout, index) => {
  expect(moduleIndex("virtio-blk", "6.1").parse(answered(stdout))).toEqual(index);
});

const loading = (stdout: string) => moduleLoading("virtio-blk").parse(answered(stdout));
const path = "/lib/modules/6.1.0-56-cloud-amd64/kernel/drivers/block/virtio_blk.ko";

test.each([
  [captured("module-loading-debian12"), { target: { kind: "file", path, srcversion: undefined }, denial: undefined }],
  ["depends insmod /x.ko a=b\nsrcversion AB\nend\n", { target: { kind: "file", path: "/x.ko", srcversion: "AB" }, denial: undefined }],
  ["depends builtin virtio_blk\nend\n", { target: { kind: "built-in" }, denial: undefined }],
  ["end\n", { target: { kind: "missing" }, denial: undefined }],
  ["rule blacklist virtio_blk\nend\n", { target: { kind: "missing" }, denial: "blacklist virtio_blk" }],
  [
    "depends install /bin/true\nrule  install virtio_blk /bin/true\nend\n",
    { target: { kind: "missing" }, denial: "install virtio_blk /bin/true" },
  ],
  ["boot module_blacklist=a,virtio_blk\nend\n", { target: { kind: "missing" }, denial: "module_blacklist=a,virtio_blk" }],
  ["boot modprobe.blacklist=virtio-blk\nend\n", { target: { kind: "missing" }, denial: "modprobe.blacklist=virtio-blk" }],
  ["boot module_blacklist=virtio_blk2\nend\n", { target: { kind: "missing" }, denial: undefined }],
])("reads what modprobe would do (%#)", (stdout, expected) => {
  expect(loading(stdout)).toEqual(expected);
});

test("refuses what modprobe never says", () => {
  expect(() => loading("depends nonsense\nend\n")).toThrow(FactError);
});

test("reads which packages apt's lists lack", () => {
  const fact = unlistedPackages(["dkms", "nosuchpackage"]);
  expect(fact.parse(answered(captured("unlisted-debian12")))).toEqual(["nosuchpackage"]);
  expect(fact.name).toBe("unlistedPackages dkms nosuchpackage");
});

test("asks for versions in the distribution's own way", () => {
  const fact = packageVersions(debian, ["dkms", "gcc"]);
  expect(fact.command).toEqual(debian.packageVersionsQuery(["dkms", "gcc"]));
  expect(fact.parse(answered("dkms\tinstalled\t3.0.10-8\ngcc\tnot-installed\t\n"))).toEqual(new Map([["dkms", "3.0.10-8"]]));
});
