import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { type DkmsEntry, dkmsExit, firstCompilerError, parseDkmsStatus } from "../../src/kernel/dkms.ts";
import { expectWithin } from "../quickness.ts";

const fixtures = new URL("../fixtures/", import.meta.url);
const fixture = (name: string): string => readFileSync(new URL(name, fixtures), "utf8");

/** An entry in one line, as the tables here show it. */
const short = ({ module, version, kernel, architecture, state, weakFrom, note }: DkmsEntry): string =>
  [module, version, kernel, architecture, state, weakFrom, note].filter((part) => part !== undefined).join(" | ");

describe("dkms status", () => {
  const captured = readdirSync(fixtures).filter((name) => name.startsWith("dkms-status-"));

  test("of every captured version", () => {
    expect(Object.fromEntries(captured.map((name) => [name, parseDkmsStatus(fixture(name)).map(short)]))).toMatchInlineSnapshot(`
      {
        "dkms-status-2.8.1.txt": [
          "broken-one | 1.0 | added",
          "dattobd | 1.0 | 6.1.0-56-amd64 | x86_64 | built",
          "dattobd | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | built",
          "differs | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed | (WARNING! Diff between built and installed module!)",
          "kofleet-example | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed",
          "missing | 1.0 | added",
          "orig | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed",
        ],
        "dkms-status-2.8.7.txt": [
          "broken-one | 1.0 | added",
          "dattobd | 1.0 | 6.1.0-56-amd64 | x86_64 | built",
          "dattobd | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | built",
          "differs | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed | (WARNING! Diff between built and installed module!)",
          "kofleet-example | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed",
          "missing | 1.0 | added",
          "orig | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed",
        ],
        "dkms-status-3.0.10.txt": [
          "badflag | 1.0 | added",
          "exclusive | 1.0 | added",
          "good | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed",
          "header | 1.0 | added",
          "nogcc | 1.0 | added",
          "nomake | 1.0 | added",
          "symbol | 1.0 | added",
          "syntax | 1.0 | added",
        ],
        "dkms-status-3.2.2.txt": [
          "broken-one | 1.0 | broken",
          "dattobd | 1.0 | 6.1.0-56-amd64 | x86_64 | built",
          "dattobd | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | built",
          "differs | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed | (Differences between built and installed modules)",
          "kofleet-example | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed",
          "missing | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed | (Built modules are missing in the kernel modules folder)",
          "orig | 1.0 | 6.1.0-56-cloud-amd64 | x86_64 | installed | (Original modules exist)",
        ],
      }
    `);
  });

  test.each<[string, DkmsEntry]>([
    ["m/1.0: added", { module: "m", version: "1.0", state: "added" }],
    ["m, 1.0: added", { module: "m", version: "1.0", state: "added" }],
    ["m/1.0: broken", { module: "m", version: "1.0", state: "broken" }],
    [
      "m/1.0, 6.1.0-37-amd64, x86_64: built",
      { module: "m", version: "1.0", kernel: "6.1.0-37-amd64", architecture: "x86_64", state: "built" },
    ],
    [
      "m, 1.0, 5.14.0-427.20.1.el9_4.x86_64, x86_64: installed-weak from 5.14.0-427.13.1.el9_4.x86_64",
      {
        module: "m",
        version: "1.0",
        kernel: "5.14.0-427.20.1.el9_4.x86_64",
        architecture: "x86_64",
        state: "installed-weak",
        weakFrom: "5.14.0-427.13.1.el9_4.x86_64",
      },
    ],
    [
      "m, 1.0, 5.4.0-9-generic, x86_64: installed (original_module exists) (WARNING! Missing some built modules!)",
      {
        module: "m",
        version: "1.0",
        kernel: "5.4.0-9-generic",
        architecture: "x86_64",
        state: "installed",
        note: "(original_module exists) (WARNING! Missing some built modules!)",
      },
    ],
  ])("%s", (line, entry) => expect(parseDkmsStatus(`${line}\n`)).toEqual([entry]));

  test("of a host without any module", () => expect(parseDkmsStatus("")).toEqual([]));

  test.each(["Error! Could not locate dkms.conf file.", "dattobd", "dattobd/0.12.0: happy", "a/1, 6.1.0: installed", "/1: added"])(
    "refuses %j aloud",
    (line) => {
      expect(() => parseDkmsStatus(`dattobd/0.12.0: added\n${line}\n`)).toThrow(FactError);
      expect(() => parseDkmsStatus(line)).toThrow(line);
    },
  );

  test("reads its own entries or refuses, never anything between", () => {
    const word = fc.string({ unit: fc.constantFrom(..."a1./,: -_()\n"), maxLength: 30 });
    fc.assert(
      fc.property(word, fc.constantFrom("added", "built", "installed", "broken"), (garbage, state) => {
        try {
          for (const entry of parseDkmsStatus(`${garbage}: ${state}`))
            expect(entry.module.length * entry.version.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FactError);
        }
      }),
    );
  });
});

describe("exit codes", () => {
  test.each([
    [0, "3.0.10", "done", false],
    [10, "dkms-3.0.10", "the build failed", false],
    [9, "dkms: 2.8.1", "the module says that it is not for this kernel (BUILD_EXCLUSIVE)", true],
    [9, "dkms-3.0.10", "the module says that it is not for this kernel (BUILD_EXCLUSIVE)", true],
    [9, "dkms-3.0.11", "dkms failed with exit code 9", false],
    // Debian 12's 3.0.10 has the newer code already.
    [77, "dkms-3.0.10", "the module says that it is not for this kernel (BUILD_EXCLUSIVE)", true],
    [77, "3.2.2", "the module says that it is not for this kernel (BUILD_EXCLUSIVE)", true],
    [1, "dkms-3.1.4", "the kernel's headers are missing", false],
    [1, "dkms-3.1.5", "dkms failed with exit code 1", false],
    [21, "dkms-3.1.5", "the kernel's headers are missing", false],
    [2, "dkms-3.0.10", "the module's source folder is missing", false],
    [3, "3.0.10", "already added or built, or the module is unknown to dkms", false],
    [6, "3.0.10", "the kernel's module folder is missing, or depmod failed", false],
    [7, "3.0.10", "the build left no module where dkms.conf says", false],
    [8, "3.0.10", "bad dkms.conf, or the source folder is empty", false],
    [11, "3.0.10", "one or more modules failed in autoinstall", false],
    [13, "3.2.2", "a module that it depends on is not built", false],
    [137, "3.0.10", "dkms failed with exit code 137", false],
  ])("%i of %s: %s", (code, version, meaning, isSkip) => expect(dkmsExit(code, version)).toEqual({ meaning, isSkip }));
});

describe("the first error of a build log", () => {
  const logs = readdirSync(fixtures).filter((name) => /^make-/.test(name));

  test("of every captured log", () => {
    expect(Object.fromEntries(logs.map((name) => [name, firstCompilerError(fixture(name))]))).toMatchInlineSnapshot(`
      {
        "make-badflag.txt": "gcc-12: error: unrecognized command-line option ‘-mno-such-flag’",
        "make-good.txt": undefined,
        "make-header.txt": "/var/lib/dkms/header/1.0/build/header.c:1:10: fatal error: linux/nothing_of_the_kind.h: No such file or directory",
        "make-nogcc.txt": "/bin/sh: 1: gcc-99: not found",
        "make-nomake.txt": "make[1]: *** No rule to make target '/var/lib/dkms/nomake/1.0/build/Makefile'.  Stop.",
        "make-symbol.txt": "ERROR: modpost: "no_such_symbol" [/var/lib/dkms/symbol/1.0/build/symbol.ko] undefined!",
        "make-syntax.txt": "/var/lib/dkms/syntax/1.0/build/syntax.c:4:16: error: ‘undeclared_thing’ undeclared (first use in this function)",
      }
    `);
  });

  test.each([
    ["cc1: error: code model kernel does not support PIC mode", "cc1: error: code model kernel does not support PIC mode"],
    ["a.c:1:1: warning: unused\na.c:9:2: error: no", "a.c:9:2: error: no"],
    ["cc1: error: x\na.c:9: error: y", "a.c:9: error: y"],
    ["x.h:3:10: fatal error: linux/foo.h: No such file or directory", "x.h:3:10: fatal error: linux/foo.h: No such file or directory"],
    ['ERROR: modpost: "kallsyms_lookup_name" [/b/x.ko] undefined!', 'ERROR: modpost: "kallsyms_lookup_name" [/b/x.ko] undefined!'],
    ["/bin/sh: 1: gcc-12: not found\nmake[2]: *** [x.o] Error 127", "/bin/sh: 1: gcc-12: not found"],
    ["bash: line 1: make: command not found", "bash: line 1: make: command not found"],
    [
      "make[1]: *** /lib/modules/6.1.0/build: No such file or directory.  Stop.",
      "make[1]: *** /lib/modules/6.1.0/build: No such file or directory.  Stop.",
    ],
    ["make: *** No targets specified and no makefile found.  Stop.", "make: *** No targets specified and no makefile found.  Stop."],
    [
      "Error! Bad return status for module build on kernel: 6.1.0 (x86_64)",
      "Error! Bad return status for module build on kernel: 6.1.0 (x86_64)",
    ],
    ["x.o: in function `f':\nx.c:(.text+0x5): undefined reference to `g'", "x.c:(.text+0x5): undefined reference to `g'"],
    ["  CC [M]  x.o\n  LD [M]  x.ko\n", undefined],
    ["-Werror: is on\nerror-free", undefined],
    ["", undefined],
  ])("%j", (log, error) => expect(firstCompilerError(log)).toBe(error));

  test("in a log of one endless line", () =>
    expectWithin(1000, () => expect(firstCompilerError(`${"a:1".repeat(300_000)}`)).toBeUndefined()));
});
