import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWords } from "../../src/config/shlex.ts";

// What Python's shlex.split(…, comments=True) gives.
test.each<[string, string[]]>([
  ["", []],
  ["a  b\tc", ["a", "b", "c"]],
  ["a # b", ["a"]],
  ["a#b c", ["a"]],
  ["a='b c'd \"e f\"g", ["a=b cd", "e fg"]],
  [`"" ''`, ["", ""]],
  [String.raw`a\ b \"c`, ["a b", '"c']],
  [String.raw`"\"\\\a" '\a'`, [String.raw`"\\a`, String.raw`\a`]],
  ["'#kept' #lost", ["#kept"]],
])("%s", (line, words) => {
  expect(shellWords(line)?.map(({ text }) => text)).toEqual(words);
});

test.each(["'open", '"open', '"open\\"', "ends\\"])("%s is no line", (line) => {
  expect(shellWords(line)).toBeUndefined();
});

test("words know where they begin", () => {
  expect(shellWords(`  a 'b' c=" d"`)).toEqual([
    { text: "a", at: 2 },
    { text: "b", at: 4 },
    { text: "c= d", at: 8 },
  ]);
});

test("quoted words come back, whatever is in them", () => {
  const quote = (word: string) => `"${word.replace(/["\\]/g, "\\$&")}"`;
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      expect(shellWords(words.map(quote).join(" "))?.map(({ text }) => text)).toEqual(words);
    }),
  );
});
