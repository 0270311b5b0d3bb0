import { expect, test } from "vitest";
import { nextKernelOfBls } from "../../src/distributions/bls.ts";
import type { BootEvidence } from "../../src/distributions/next_kernel.ts";

const [old, current] = ["5.14.0-427.13.1.el9_4.x86_64", "5.14.0-427.20.1.el9_4.x86_64"];
const machine = "0123456789abcdef0123456789abcdef";
const grubby = (kernel: string): string => `/boot/vmlinuz-${kernel}\n`;

test.each<[what: string, evidence: Partial<BootEvidence>, kernel: string | undefined]>([
  ["what grubby says", { grubby: grubby(old) }, old],
  ["grubby and the saved entry agree", { grubby: grubby(old), savedEntry: `${machine}-${old}` }, old],
  ["the saved entry, without grubby", { savedEntry: `${machine}-${old}` }, old],
  ["one boot only", { grubby: grubby(current), nextEntry: `${machine}-${old}` }, old],
  ["a saved number leaves it to grubby", { grubby: grubby(current), savedEntry: "0" }, current],

  ["nothing at all", {}, undefined],
  ["only a number", { savedEntry: "1" }, undefined],
  ["grubby and the saved entry disagree", { grubby: grubby(current), savedEntry: `${machine}-${old}` }, undefined],
  ["grubby failed, the saved entry is clear", { grubby: "", savedEntry: `${machine}-${old}` }, undefined],
  ["grubby names a kernel that is gone", { grubby: grubby("5.14.0-70.el9.x86_64") }, undefined],
  ["grubby says something else", { grubby: "The param /boot/vmlinuz is incorrect\n" }, undefined],
  ["the rescue entry", { savedEntry: `${machine}-0-rescue` }, undefined],
  ["an id of no machine", { savedEntry: `custom-${old}` }, undefined],
  ["a one-shot entry by number, before a clear default", { grubby: grubby(old), nextEntry: "1" }, undefined],
  ["an empty one-shot entry is none", { grubby: grubby(old), nextEntry: "" }, old],
])("%s", (_, evidence, kernel) => expect(nextKernelOfBls({ kernels: [old, current], ...evidence })).toBe(kernel));
