import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { initramfsListed, initramfsModule } from "../../src/facts/initramfs.ts";
import { answered, captured } from "./fixtures.ts";

const parse = (stdout: string) => initramfsModule("virtio_blk", "6.1").parse(answered(stdout));

test("reads the copy in an image of initramfs-tools", () => {
  const file = captured("module-debian12-in-tree");
  const copy = parse(captured("initramfs-debian12-virtio_blk"));
  expect(copy).toEqual({
    srcversion: undefined,
    buildId: "bc8f0c86e2f2f261ea820d8c1f17de705b81d772",
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(file).toContain(typeof copy === "object" ? copy.sha256 : "a copy");
});

test("reads the copy of what was put there", () => {
  const copy = initramfsModule("kofleet_example", "6.1").parse(answered(captured("initramfs-debian12-copied")));
  expect(copy).toEqual({
    srcversion: "389A61BFABE92BE19C44F70",
    buildId: "77720a5bf68f3e6d41868404f95f83460010076c",
    sha256: "dc0ae81b27f4f5488764f97be4fc5125c8894cef7ef976d88edd31c483643c5d",
  });
});

test("tells no image, no copy and an unreadable copy apart", () => {
  expect(parse("end\n")).toBe("no-image");
  expect(parse("image /boot/initrd.img-6.1\nend\n")).toBe("absent");
  expect(parse("image /boot/initrd.img-6.1\ncopy -\nmodinfo filename: /x.ko\nend\n")).toEqual({
    srcversion: undefined,
    buildId: undefined,
    sha256: undefined,
  });
});

test.each([
  [
    "image /boot/initrd.img-6.1\nproblem there is no zstd to read it with\nend\n",
    "cannot look into /boot/initrd.img-6.1: there is no zstd",
  ],
  ["image /boot/initrd.img-6.1\ncopy nonsense\nend\n", "is no sha256"],
  ["", "the initramfs of 6.1: the answer is incomplete"],
])("says why it can't tell: %j", (stdout, reason) => {
  expect(() => parse(stdout)).toThrow(FactError);
  expect(() => parse(stdout)).toThrow(reason);
});

test("is asked only where it is needed", () => {
  expect(initramfsModule("a-b", "6.1")).toMatchObject({ slow: true, name: "initramfsModule a_b 6.1" });
});

test.each([
  ["virtio_blk", captured("initramfs-debian12-list"), true],
  ["virtio-blk", captured("initramfs-debian12-list"), true],
  ["raid1", captured("initramfs-debian12-list"), false],
  ["hello", "module hello debug=1\nend\n", true],
  ["hello", 'dracut add_drivers+=" other hello "\nend\n', true],
  ["hello", "dracut force_drivers+='hello'\nend\n", true],
  ["hello", 'dracut add_drivers+=" hello_world "\nend\n', false],
  ["hello", "end\n", false],
])("knows whether %s is listed (%#)", (module, stdout, isListed) => {
  expect(initramfsListed(module).parse(answered(stdout))).toBe(isListed);
});
