import fc from "fast-check";
import { expect, test } from "vitest";
import { lastLines, printable } from "../../src/core/printable.ts";

test.each([
  ["plain text, tab\tand\nnewline", "plain text, tab\tand\nnewline"],
  ["grün ‘日本’ ✅", "grün ‘日本’ ✅"],
  ["\u001b[1;31mred\u001b[0m", "red"],
  ["\u001b[2J\u001b[1;1Hcleared", "cleared"],
  ["\u001b[?2026hsynchronised", "synchronised"],
  ["\u001b]0;title\u0007text", "text"],
  ["\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\", "link"],
  ["50%\r100%", "50%100%"],
  ["\u009b31mC1", "31mC1"],
  ["ab\u0008\u0008cd\u007f\u0000", "abcd"],
  ["safe\u202egpj.exe\u2066", "safegpj.exe"],
])("%j prints as %j", (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test("nothing that controls a terminal is ever left", () => {
  const unit = fc.constantFrom("\u001b", "[", "]", ";", "0", "m", "\u0007", "\\", "\r", "\u009b", "\u202e", "a", "\n", "\t");
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const left = [...printable(text)].filter((character) => character < " " || (character >= "\u007f" && character < "\u00a0"));
      expect(left.filter((character) => character !== "\n" && character !== "\t")).toEqual([]);
    }),
  );
});

test("the last lines are those that say something", () => {
  expect(lastLines("one\n\ntwo\n  \nthree\u001b[0m\n\n", 2)).toBe("two\nthree");
  expect(lastLines("one", 5)).toBe("one");
  expect(lastLines("\n\n", 5)).toBe("");
});
