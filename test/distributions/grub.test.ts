import { describe, expect, test } from "vitest";
import { nextKernelOfGrub } from "../../src/distributions/grub.ts";
import type { BootEvidence } from "../../src/distributions/next_kernel.ts";

const [old, current, cloud] = ["6.1.0-9-cloud-amd64", "6.1.0-37-cloud-amd64", "6.12.43+deb12-cloud-amd64"];
const id = "3f1a2b3c-0d4e-4f5a-8b6c-7d8e9f0a1b2c";
const byId = (kernel: string, type = "advanced"): string => `gnulinux-advanced-${id}>gnulinux-${kernel}-${type}-${id}`;
const byTitle = (kernel: string): string => `Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux ${kernel}`;

const next = (evidence: Partial<BootEvidence>): string | undefined =>
  nextKernelOfGrub({ kernels: [old, current], grubDefault: "0", ...evidence });

describe("the next kernel by GRUB", () => {
  test.each<[what: string, evidence: Partial<BootEvidence>, kernel: string | undefined]>([
    ["the first entry is the newest", {}, current],
    ["in whatever order the files were listed", { kernels: [current, old] }, current],
    ["of two series", { kernels: [cloud, old, current] }, cloud],
    ["an unset default is the first entry", { grubDefault: "" }, current],
    ["the simple entry is the first", { grubDefault: `gnulinux-simple-${id}` }, current],
    ["an entry by id", { grubDefault: byId(old) }, old],
    ["an entry by title", { grubDefault: byTitle(old) }, old],
    ["a recovery entry boots that kernel too", { grubDefault: byId(old, "recovery") }, old],
    ["an entry with another init too", { grubDefault: byId(old, "init-systemd") }, old],
    ["a kernel whose name another one continues", { kernels: ["6.1.0-9", old], grubDefault: byId(old) }, old],
    ["the shorter of the two", { kernels: [old, "6.1.0-9"], grubDefault: byId("6.1.0-9") }, "6.1.0-9"],
    ["the saved entry", { grubDefault: "saved", savedEntry: byId(old) }, old],
    ["the saved first entry", { grubDefault: "saved", savedEntry: "0" }, current],
    ["nothing saved yet is the first entry", { grubDefault: "saved" }, current],
    ["an empty saved entry is the first entry", { grubDefault: "saved", savedEntry: "" }, current],
    ["what is saved, but not asked for", { grubDefault: "0", savedEntry: byId(old) }, current],
    ["one boot only", { nextEntry: byId(old) }, old],
    ["one boot only, before the saved entry", { grubDefault: "saved", savedEntry: byId(current), nextEntry: byTitle(old) }, old],
    ["an empty one-shot entry is none", { nextEntry: "" }, current],
    ["a flat menu by id", { isFlat: true, grubDefault: `gnulinux-${old}-advanced-${id}` }, old],
    ["a flat menu by title", { isFlat: true, grubDefault: `Debian GNU/Linux, with Linux ${old}` }, old],
    ["the first entry of a flat menu", { isFlat: true }, current],

    ["no GRUB at all", { grubDefault: undefined }, undefined],
    ["no GRUB, whatever grubenv says", { grubDefault: undefined, nextEntry: byId(old) }, undefined],
    ["no kernel", { kernels: [] }, undefined],
    ["an entry by number", { grubDefault: "2" }, undefined],
    ["a path of numbers", { grubDefault: "1>2" }, undefined],
    ["the submenu alone", { grubDefault: `gnulinux-advanced-${id}` }, undefined],
    ["a kernel that is gone", { grubDefault: byId("6.1.0-1-cloud-amd64") }, undefined],
    ["a submenu that GRUB would not find", { grubDefault: `other>gnulinux-${old}-advanced-${id}` }, undefined],
    ["an entry outside of its submenu", { grubDefault: `gnulinux-${old}-advanced-${id}` }, undefined],
    ["a submenu where there is none", { isFlat: true, grubDefault: byId(old) }, undefined],
    ["a simple entry where there is none", { isFlat: true, grubDefault: `gnulinux-simple-${id}` }, undefined],
    ["another system", { grubDefault: "osprober-efi-1234" }, undefined],
    ["a title in another language", { grubDefault: `Erweiterte Optionen>Debian GNU/Linux, mit Linux ${old}` }, undefined],
    ["a type nobody knows", { grubDefault: byId(old, "xen") }, undefined],
    ["flavours in the administrator's order", { isReordered: true }, undefined],
    ["the saved first entry of such a menu", { isReordered: true, grubDefault: "saved" }, undefined],
    ["a named entry of such a menu is still clear", { isReordered: true, grubDefault: byId(old) }, old],
    ["a one-shot entry that can't be read, before a clear default", { nextEntry: "3" }, undefined],
  ])("%s", (_, evidence, kernel) => expect(next(evidence)).toBe(kernel));
});

// What grub-mkconfig_lib of GRUB 2.06-13+deb12u2 and 10_linux of 2.12-9+deb13u2 put first.
describe("the first entry", () => {
  test.each([
    ["6.1.0-9-cloud-amd64 6.1.0-37-cloud-amd64 6.1.0-10-cloud-amd64", "6.1.0-37-cloud-amd64"],
    ["6.1.0-37-cloud-amd64 6.12.43+deb12-cloud-amd64", "6.12.43+deb12-cloud-amd64"],
    ["6.8.0-62-generic 6.8.0-153-generic 6.8.0-63-generic", "6.8.0-153-generic"],
    ["6.1.0-37-amd64 6.1.0-37-cloud-amd64 6.1.0-37-rt-amd64", "6.1.0-37-rt-amd64"],
    ["5.15.0-1034-aws 5.15.0-153-generic", "5.15.0-1034-aws"],
    ["6.1.0 6.1.0-37-amd64", "6.1.0-37-amd64"],
    ["6.5.0-10-generic 6.5.8", "6.5.8"],
    ["6.1.0-37-amd64", "6.1.0-37-amd64"],
  ])("of %s is %s in every GRUB", (kernels, first) => {
    expect(next({ kernels: kernels.split(" ") })).toBe(first);
    expect(next({ kernels: kernels.split(" ").toReversed() })).toBe(first);
  });

  test.each(["6.12.0-rc6-amd64 6.12.0-amd64", "6.12.0-rc6 6.12.0", "6.12.43+deb12-amd64 6.12.43-amd64"])(
    "of %s depends on the GRUB, and is not guessed",
    (kernels) => expect(next({ kernels: kernels.split(" ") })).toBeUndefined(),
  );
});
