import { expect, test } from "vitest";
import { rowOf, type Seen } from "../../src/commands/status_row.ts";
import { done, type HostSketch, kernelA, kernelB, manifest, srcversion } from "../rollout/fleet_fixture.ts";

/** What a host tells on which nothing is left to do, unless sketched otherwise. */
function seen(sketch: HostSketch = {}): Seen {
  const { name: _, marks: __, ...told } = done("web1", sketch);
  return { title: "debian 12", ...told };
}

const marks = { canary: false };
const row = (answer: Seen, beside: Partial<Parameters<typeof rowOf>[1]> = {}) =>
  rowOf({ name: "web1", answer }, { manifest, marks, certificate: undefined, ...beside });
const judged = (answer: Seen) => {
  const { verdict, reason } = row(answer);
  return { verdict, reason };
};

test("a host on which nothing is left to do", () => {
  expect(row(seen())).toMatchObject({ onDisk: "1.0.0", loaded: "1.0.0", inInitramfs: true, atBoot: true, verdict: "ok" });
});

test.each<[what: string, sketch: HostSketch, reason: string]>([
  ["no file", { module: { files: [] } }, `no file for ${kernelA}`],
  ["no file for the next kernel", { next: kernelB }, `no file for ${kernelB}`],
  ["not loaded", { module: { loaded: undefined } }, "not loaded"],
  ["not loaded at boot", { module: { atBoot: false } }, "not loaded at boot"],
  ["no initramfs", { rest: { initramfs: "no-image" } }, "no initramfs"],
  ["not in the initramfs", { rest: { initramfs: "absent" } }, "not in the initramfs"],
  [
    "a kernel that took harm",
    { rest: { trouble: { taint: ["D"], lines: ["BUG: x"], damage: ["BUG: x"], isReadable: true } } },
    "the kernel log tells of trouble with it: BUG: x",
  ],
])("what is wrong is named: %s", (_, sketch, reason) => {
  const { verdict, reason: told } = judged(seen(sketch));
  expect([verdict, told?.split("; ")]).toEqual(["failed", expect.arrayContaining([reason])]);
});

const otherBuild = { version: "1.0.0", srcversion, buildId: "c".repeat(40), users: 0, holders: [] };
const stripped = { srcversion, buildId: "b".repeat(40), sha256: "e".repeat(64) };
const otherSource = { ...otherBuild, srcversion: "OTHER", buildId: "b".repeat(40) };

test.each<[what: string, sketch: HostSketch, inInitramfs: boolean | "stale", reason: string | undefined]>([
  ["another build of the source is loaded", { module: { loaded: otherBuild } }, true, "another build is loaded than lies on disk"],
  ["a build of another source is loaded", { module: { loaded: otherSource } }, true, "another build is loaded than lies on disk"],
  ["what is loaded tells no build id", { module: { loaded: { ...otherBuild, buildId: undefined } } }, true, undefined],
  [
    "another build of the source is in the initramfs",
    { rest: { initramfs: { ...otherBuild, sha256: undefined } } },
    "stale",
    "another build is in the initramfs",
  ],
  [
    "a build of another source is in the initramfs",
    { rest: { initramfs: { ...otherSource, sha256: undefined } } },
    "stale",
    "another build is in the initramfs",
  ],
  // As dracut strips it.
  ["the same build is in the initramfs, in other bytes", { rest: { initramfs: stripped } }, true, undefined],
])("compares builds where %s", (_, sketch, inInitramfs, reason) => {
  expect(row(seen(sketch))).toMatchObject({ inInitramfs, verdict: reason === undefined ? "ok" : "failed" });
  expect(judged(seen(sketch)).reason).toBe(reason);
});

test("all that is wrong is named", () => {
  expect(judged(seen({ module: { loaded: undefined, atBoot: false } })).reason).toBe("not loaded; not loaded at boot");
});

test.each([
  ["a container", seen({ machine: { container: "lxc" } }), { verdict: "blocked", reason: "a container (lxc) has no kernel of its own" }],
  ["an inconclusive boot loader", seen({ next: undefined }), { verdict: "ok", reason: "which kernel boots next is not conclusive" }],
])("judges %s", (_, answer, judgement) => expect(judged(answer)).toEqual(judgement));

test("a host that is left out is skipped, also where it did not answer", () => {
  const beside = { manifest, marks: { canary: false, exempt: "a laptop" }, certificate: undefined };
  expect(rowOf({ name: "web1", answer: seen({ module: { loaded: undefined } }) }, beside)).toMatchObject({
    verdict: "skipped",
    reason: "a laptop",
  });
  expect(rowOf({ name: "web1", verdict: "unreachable", reason: "x" }, beside)).toEqual({
    host: "web1",
    verdict: "skipped",
    reason: "a laptop",
  });
});
