import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { plannedKernelsOfDnf } from "../../src/distributions/dnf.ts";

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const aborted = (stdout: string) => ({ code: 1, stdout, stderr: "Operation aborted.\n" });

// Captured from dnf 4.14 and a small repository of stand-in packages with the names and versions of EL 9.
test.each([
  ["dkms alone, which brings the newest kernel with it", "dnf-resolve-newest-kernel.txt", ["kernel-core-5.14.0-427.20.1.el9_4.x86_64"]],
  ["dkms with the headers that match", "dnf-resolve-matched.txt", []],
  [
    "a removal with what depends on it",
    "dnf-resolve-removal.txt",
    ["kernel-core-5.14.0-427.13.1.el9_4.x86_64", "kernel-5.14.0-427.13.1.el9_4.x86_64"],
  ],
])("%s", (_, name, kernels) => expect(plannedKernelsOfDnf(aborted(fixture(name)))).toEqual(kernels));

const row = (name: string): string => ` ${name.padEnd(24)} x86_64     5.14.0-1.el9                local     18 M\n`;

test.each(["kernel", "kernel-core", "kernel-rt-core", "kernel-64k-core", "kernel-debug-core", "kernel-uki-virt", "kernel-uek"])(
  "%s is a kernel",
  (name) => expect(plannedKernelsOfDnf(aborted(row(name)))).toEqual([`${name}-5.14.0-1.el9.x86_64`]),
);

test.each(["kernel-devel", "kernel-devel-matched", "kernel-headers", "kernel-modules-core", "kernel-tools", "kernelshark"])(
  "%s is none",
  (name) => expect(plannedKernelsOfDnf(aborted(row(name)))).toEqual([]),
);

test("a row that is too wide goes on in the next line", () => {
  expect(plannedKernelsOfDnf(aborted(" kernel-core\n                x86_64     5.14.0-1.el9     local     18 M\n"))).toEqual([
    "kernel-core-5.14.0-1.el9.x86_64",
  ]);
});

test("nothing to do brings no kernel", () => {
  expect(plannedKernelsOfDnf({ code: 0, stdout: "Dependencies resolved.\nNothing to do.\nComplete!\n", stderr: "" })).toEqual([]);
});

test("what can't be resolved is said aloud", () => {
  const answer = { code: 1, stdout: "No match for argument: nosuch\n", stderr: "Error: Unable to find a match: nosuch\n" };
  expect(() => plannedKernelsOfDnf(answer)).toThrow(FactError);
  expect(() => plannedKernelsOfDnf(answer)).toThrow("dnf cannot resolve this: Error: Unable to find a match: nosuch");
});
