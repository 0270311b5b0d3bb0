import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { flagsIn } from "../../src/store/build_flags.ts";

test.each<[string, Record<string, string> | undefined]>([
  ["make -C /lib/modules/6.1/build M=/build CC=gcc-12 KCFLAGS='-O2 -g' modules", { CC: "gcc-12", KCFLAGS: "-O2 -g" }],
  ["# command: 'make' -j2 KERNELRELEASE=6.1 LLVM=1 CC=\"clang 16\"", { LLVM: "1", CC: "clang 16" }],
  ["CC=gcc make -C /build", { CC: "gcc" }],
  ["make CC=gcc-11\nmake CC=gcc-12", { CC: "gcc-12" }],
  ["make -C /build modules", {}],
  ["  CC [M]  /build/good.o\nmake[1]: *** CC=x\nmake: Entering directory '/CC=no'", undefined],
  [readFileSync("test/fixtures/make-good.txt", "utf8"), undefined],
])("%j shows %j", (log, flags) => {
  expect(flagsIn(log)).toEqual(flags);
});
