import { expect, test } from "vitest";
import { isOtherCompiler, readCompiler } from "../../src/kernel/compiler.ts";

test.each([
  ["gcc-12 (Debian 12.2.0-14) 12.2.0", "gcc", 12],
  ["x86_64-linux-gnu-gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0", "gcc", 12],
  ["gcc (Ubuntu 9.4.0-1ubuntu1~20.04.2) 9.4.0", "gcc", 9],
  ["gcc (GCC) 11.4.1 20231218 (Red Hat 11.4.1-3)", "gcc", 11],
  ["gcc (Debian 8.3.0-6) 8.3.0 20190406", "gcc", 8],
  ["cc (Debian 12.2.0-14) 12.2.0", "gcc", 12],
  ["GCC: (Debian 12.2.0-14+deb12u1) 12.2.0", "gcc", 12],
  ["GCC: (GNU) 11.4.1 20231218 (Red Hat 11.4.1-3)", "gcc", 11],
  ["Debian clang version 16.0.6 (15~deb12u1)", "clang", 16],
  ["clang version 17.0.6", "clang", 17],
])("reads %j", (text, name, major) => expect(readCompiler(text)).toEqual({ name, major }));

test.each(["", "gcc", "tcc version 0.9.27", "icc (ICC) 2021.10.0"])("takes %j for none that it knows", (text) =>
  expect(readCompiler(text)).toBeUndefined(),
);

test.each([
  ["gcc-12 (Debian 12.2.0-14) 12.2.0", "GCC: (Debian 12.4.0-1) 12.4.0", false],
  ["gcc-12 (Debian 12.2.0-14) 12.2.0", "GCC: (Debian 13.2.0-1) 13.2.0", true],
  ["gcc (GCC) 16.0.1", "clang version 16.0.6", true],
  ["gcc-12 (Debian 12.2.0-14) 12.2.0", "", false],
])("%j and %j are different compilers: %j", (one, other, isOther) => {
  expect(isOtherCompiler(one, other)).toBe(isOther);
  expect(isOtherCompiler(other, one)).toBe(isOther);
});
