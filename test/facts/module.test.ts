import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { moduleDkms, moduleState } from "../../src/facts/module.ts";
import { findBuildId, placeOf, readModinfos } from "../../src/facts/module_file.ts";
import { answered, captured } from "./fixtures.ts";

const parse = (stdout: string, module = "dattobd") => moduleState(module).parse(answered(stdout));
const dkms = (stdout: string, module = "dattobd") => moduleDkms(module).parse(answered(stdout));
const debian = captured("module-debian12-in-tree");
const redhat = captured("handmade-rhel9-module");

test("reads a module that came with the kernel", () => {
  const kernel = "6.1.0-56-cloud-amd64";
  const buildId = "bc8f0c86e2f2f261ea820d8c1f17de705b81d772";
  expect(parse(debian, "virtio_blk")).toEqual({
    files: [
      {
        kernel,
        path: `/lib/modules/${kernel}/kernel/drivers/block/virtio_blk.ko`,
        target: undefined,
        version: undefined,
        vermagic: `${kernel} SMP preempt mod_unload modversions `,
        srcversion: undefined,
        buildId,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ],
    loaded: { version: undefined, srcversion: undefined, buildId, users: 1, holders: [] },
    atBoot: false,
  });
});

test("reads a module that dkms built and installed for two kernels, packed for one of them", () => {
  const state = parse(captured("module-debian12-installed"), "kofleet_example");
  const [other, ofRunning] = state.files;
  expect(dkms(captured("module-debian12-installed"), "kofleet_example").map(({ kernel, state }) => [kernel, state])).toEqual([
    ["6.1.0-56-cloud-amd64", "installed"],
    ["6.12.117+deb12-cloud-amd64", "installed"],
  ]);
  expect(state.files.map(({ kernel, buildId, sha256 }) => [kernel, buildId, sha256?.slice(0, 8)])).toEqual([
    ["6.12.117+deb12-cloud-amd64", "40045eabf74ab69caee590ec5635d5569822e398", "072f5eb8"],
    ["6.1.0-56-cloud-amd64", "77720a5bf68f3e6d41868404f95f83460010076c", "dc0ae81b"],
  ]);
  expect(other).toMatchObject({ version: "1.0.0", srcversion: "389A61BFABE92BE19C44F70" });
  expect(state.loaded).toEqual({
    version: "1.0.0",
    srcversion: ofRunning?.srcversion,
    buildId: ofRunning?.buildId,
    users: 0,
    holders: [],
  });
  expect(state.atBoot).toBe(true);
});

test("reads nothing where there is nothing", () => {
  expect(parse(captured("module-debian12-nothing"))).toEqual({ files: [], loaded: undefined, atBoot: false });
});

test("tells weak links and damaged files from modules", () => {
  const { files, loaded, atBoot } = parse(redhat);
  const [older, newer] = ["5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.14.1.el9_5.x86_64"];
  expect(
    files.map(({ kernel, target, vermagic, sha256 }) => [kernel, target !== undefined, vermagic?.split(" ")[0], sha256?.length]),
  ).toEqual([
    [older, false, older, 64],
    [newer, true, older, 64],
    [newer, false, undefined, undefined],
  ]);
  expect(dkms(redhat).map(({ state }) => state)).toEqual(["installed", "installed-weak"]);
  expect(loaded).toMatchObject({ users: 2, holders: ["dm_snapshot"], buildId: "dd8f3c74100c8be1819deb05e9dcfdb8bf29186b" });
  expect(atBoot).toBe(true);
});

test("tells a kernel that can't unload from a module without users", () => {
  expect(parse("loaded live\nend\n").loaded?.users).toBeUndefined();
  expect(parse("loaded live\nrefcnt 0\nend\n").loaded?.users).toBe(0);
});

test("takes dashes for underscores, in its command too", () => {
  expect(parse("boot data_to-bd\nend\n", "data-to_bd").atBoot).toBe(true);
  expect(moduleState("data-to_bd").command.slice(-2)).toEqual(["data[-_]to[-_]bd", "data_to_bd"]);
  expect(moduleState("a-b").name).toBe(moduleState("a_b").name);
});

test.each([
  ["a file that is in no kernel's folder", `file ${"1".repeat(64)} /etc/passwd\nend\n`],
  ["a digest that is none", "file 123 /lib/modules/6.1/x.ko\nend\n"],
  ["a note of no file", "note 00 /etc/passwd\nend\n"],
  ["modinfo without a file", "modinfo version=1\nend\n"],
  ["a count that is none", "loaded live\nrefcnt many\nend\n"],
])("refuses %s", (_, stdout) => {
  expect(() => parse(stdout)).toThrow(FactError);
});

const gnu = "474e5500";
const linux = "0600000004000000010100004c696e757800000000000000";

test.each([
  ["little endian", [`040000001400000003000000${gnu}${"ab".repeat(20)}`], "ab".repeat(20)],
  ["big endian", [`000000040000001400000003${gnu}${"cd".repeat(20)}`], "cd".repeat(20)],
  ["behind other notes", [linux, `040000000800000003000000${gnu}${"ab".repeat(8)}`], "ab".repeat(8)],
  ["cut short", [`040000001400000003000000${gnu}${"ab".repeat(12)}`], undefined],
  ["another note", [`040000001400000001000000${gnu}${"ab".repeat(20)}`], undefined],
  ["no note", [], undefined],
])("finds a build id: %s", (_, notes, id) => {
  expect(findBuildId(notes)).toBe(id);
});

test("takes no text inside a value for another file", () => {
  const lines = ["filename:       /a.ko", "version=1 filename: /etc/passwd", "vermagic=6.1 SMP ", "filename:       /b.ko"];
  expect([...readModinfos(lines)]).toEqual([
    ["/a.ko", { version: "1 filename: /etc/passwd", vermagic: "6.1 SMP ", srcversion: undefined }],
    ["/b.ko", { version: undefined, vermagic: undefined, srcversion: undefined }],
  ]);
});

test.each(["/lib/modules/6.1/updates/dkms/x.ko", "/usr/lib/modules/6.1/updates/dkms/x.ko"])(
  "knows a file's place below its kernel: %s",
  (path) => {
    expect(placeOf({ kernel: "6.1", path })).toBe("updates/dkms/x.ko");
  },
);

test("takes a path outside of its kernel's folder for no place in it", () => {
  expect(placeOf({ kernel: "6.1", path: "/lib/modules/6.10/x.ko" })).toBe("/lib/modules/6.10/x.ko");
});
