import { expect, test } from "vitest";
import type { Host } from "../../src/core/host.ts";
import { createContents } from "../../src/store/contents.ts";
import { initramfs } from "../../src/tasks/initramfs.ts";
import { file, machine, next, nothing, redhatHost, running, suseHost } from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { planAgain, visible } from "./prediction.ts";

const copy = { srcversion: file.srcversion, buildId: file.buildId, sha256: file.sha256 };
const nextFile = { ...file, kernel: next, path: `/lib/modules/${next}/updates/dkms/hello.ko` };
const index = { listed: "updates/dkms/hello.ko", isFresh: true };
const base = {
  machine,
  state: { ...nothing, files: [file, nextFile] },
  isListed: true,
  [`index ${running}`]: index,
  [`index ${next}`]: index,
  [`copy ${running}`]: copy,
  [`copy ${next}`]: copy,
};
const args = { module: "hello", kernels: [running] };
const list = {
  kind: "script",
  title: "list hello for the initramfs",
  script: expect.any(String),
  args: ["/etc/initramfs-tools/modules", "hello"],
  undo: { restore: ["/etc/initramfs-tools/modules"] },
};
const unlist = { ...list, title: "take hello off the list for the initramfs" };
const rebuild = (kernel: string) => ({
  kind: "run",
  title: `regenerate the initramfs of ${kernel}`,
  argv: ["update-initramfs", "-u", "-k", kernel],
  detached: true,
  undo: { restore: [`/boot/initrd.img-${kernel}`] },
});
const plan = (given: object, more: object = {}, host: Host = debianHost) =>
  planOf(initramfs, { ...args, ...more }, { ...base, ...given } as never, { list: "aa" }, host);

test.each([
  ["a module that the image lacks", { isListed: false, [`copy ${running}`]: "absent" }, {}, [list, rebuild(running)]],
  ["a module that was listed but not embedded yet", { [`copy ${running}`]: "absent" }, {}, [rebuild(running)]],
  ["the build on disk instead of another one", { [`copy ${running}`]: { ...copy, buildId: "00", sha256: "00" } }, {}, [rebuild(running)]],
  [
    "the source on disk instead of another one",
    { [`copy ${running}`]: { ...copy, srcversion: "OLD", sha256: "00" } },
    {},
    [rebuild(running)],
  ],
  [
    "a module without any mark of its build, by its bytes",
    {
      state: { ...nothing, files: [{ ...file, srcversion: undefined, buildId: undefined }] },
      [`copy ${running}`]: { srcversion: undefined, buildId: undefined, sha256: "00" },
    },
    {},
    [rebuild(running)],
  ],
  ["only a line, where the image has it already", { isListed: false }, {}, [list]],
  ["each kernel that needs it", { [`copy ${next}`]: "absent" }, { kernels: [running, next] }, [rebuild(next)]],
  [
    "nothing, and no stale copy either, with embed: false",
    { [`copy ${running}`]: { ...copy, buildId: "00", sha256: "00" } },
    { embed: false },
    [unlist, rebuild(running)],
  ],
  ["no copy of a module that is gone, with embed: false", { isListed: false, state: nothing }, { embed: false }, [rebuild(running)]],
])("embeds %s", (_, given, more, steps) => {
  expect(visible(plan(given, more))).toEqual({ steps, stop: undefined });
  expect(planAgain(initramfs, { ...args, ...more }, { ...base, ...given } as never, { list: "aa" })).toEqual({
    steps: [],
    stop: undefined,
  });
});

test.each([
  ["the image has the build on disk", {}, {}],
  ["the image has it stripped, as dracut does", { [`copy ${running}`]: { ...copy, sha256: "00" } }, {}],
  ["the kernel boots without an image", { [`copy ${running}`]: "no-image" }, {}],
  ["it is not embedded, with embed: false", { isListed: false, [`copy ${running}`]: "absent" }, { embed: false }],
  ["a hook of the host embeds the build on disk, with embed: false", { isListed: false }, { embed: false }],
])("plans nothing once %s", (_, given, more) => {
  expect(plan(given, more)).toEqual({ steps: [], stop: undefined });
});

const stale = { [`copy ${running}`]: "absent" };
const mebibyte = 2 ** 20;
const free = (boot: number) => ({ machine: { ...machine, freeBytes: { ...machine.freeBytes, boot } } });

test("is blocked before anything is written where /boot has not 1.3 images and 16 MiB free", () => {
  expect(plan({ ...stale, isListed: false, ...free(68 * mebibyte - 1) })).toEqual({
    steps: [],
    stop: { verdict: "blocked", reason: "/boot has 67 MiB free, but rewriting an initramfs takes 68 MiB: make room there" },
  });
  expect(plan({ ...stale, ...free(68 * mebibyte) }).steps).toHaveLength(1);
  expect(plan({ isListed: false, ...free(0) }).steps).toHaveLength(1);
});

test.each([
  ["there is no file to embed", { ...stale, state: nothing }, debianHost, `hello has no file for ${running}`],
  ["there is no tool", { ...stale, machine: { ...machine, initramfsTool: undefined } }, debianHost, "neither update-initramfs nor dracut"],
  ["the family is not known", stale, suseHost, "SUSE"],
])("fails where %s", (_, given, host, reason) => {
  expect(plan(given, {}, host)).toEqual({ steps: [], stop: { verdict: "failed", reason: expect.stringContaining(reason) } });
});

test("embeds by a file of its own for dracut, and takes it away again", () => {
  const path = "/etc/dracut.conf.d/kofleet-hello.conf";
  expect(plan({ ...stale, isListed: false }, {}, redhatHost).steps).toMatchObject([
    { kind: "write", path, sha256: "aa", mode: 0o644 },
    { argv: ["dracut", "--force", "--kver", running], undo: { restore: [`/boot/initramfs-${running}.img`] } },
  ]);
  expect(plan({}, { embed: false }, redhatHost).steps[0]).toMatchObject({ kind: "remove", path });
});

test("compares with the file that modprobe would take, among several", () => {
  const other = { ...file, path: `/lib/modules/${running}/extra/hello.ko`, buildId: "00", sha256: "00" };
  expect(plan({ state: { ...nothing, files: [other, file] } }).steps).toEqual([]);
});

test.each([
  [debianHost, ""],
  [redhatHost, 'add_drivers+=" hello "\n'],
  [suseHost, ""],
])("knows what the file for dracut holds (%#)", async (host, content) => {
  const contents = createContents();
  const { list: input } = initramfs.inputs?.({ ...args, embed: true }, host) ?? {};
  expect(Buffer.from(await contents.open((await input?.read({ contents } as never)) ?? "")).toString()).toBe(content);
});
