import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandLine, fitsCommandLine, framedScript, quote, quoteWord, withEnv } from "../../src/remote/shell.ts";

const isThere = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

describe("quoteWord", () => {
  test.each([
    ["uname", "uname"],
    ["", "''"],
    ["a b", "'a b'"],
    ["it's", "'it'\\''s'"],
    ["a\\b!", "'a'\\\\'b'\\!"],
    ["~", "'~'"],
    ["=ls", "'=ls'"],
    ["%1", "'%1'"],
  ])("%s", (word, quoted) => {
    expect(quoteWord(word)).toBe(quoted);
  });

  test("refuses a NUL byte, which no argv can hold", () => {
    expect(() => quoteWord("a\0b")).toThrow(/NUL/);
  });

  test.each(["sh", "bash", "csh", "tcsh", "fish", "zsh"].filter(isThere))("%s gives every word back", (shell) => {
    const word = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."'\"\\!$`~*?[]{}()<>|&;#^%=@ aé\t") }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("utf16le")),
    );
    const safe = word.map((text) => text.replace(/[\0\n\r]|[\ud800-\udfff]/g, ""));
    const words = fc.sample(safe, 300);
    const printed = execFileSync(shell, ["-c", quote(["printf", "%s\\n", ...words])], {
      env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
    });
    expect(printed.toString().split("\n").slice(0, -1)).toEqual(words);
  });
});

test("csh has no quoting for a newline that sh shares, so such a command goes as a script", () => {
  expect(fitsCommandLine(["printf", "a\nb"])).toBe(false);
  expect(fitsCommandLine(["printf", "a b"])).toBe(true);
});

test("variables go through env", () => {
  expect(withEnv(["apt-get", "update"], { A: "1 2" })).toEqual(["env", "A=1 2", "apt-get", "update"]);
  expect(withEnv(["ls"])).toEqual(["ls"]);
});

test("a script is framed by its length in bytes, not characters", () => {
  expect(framedScript("echo é").toString()).toBe("7\necho é");
});

test("command lines", () => {
  expect([commandLine({ argv: ["uname", "-r"] }), commandLine("script")]).toMatchInlineSnapshot(`
    [
      "uname -r </dev/null",
      "sh -c 'IFS= read -r n && s=$(head -c "$n") && eval "$s"'",
    ]
  `);
});
