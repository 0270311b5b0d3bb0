import { posix } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyPart } from "../../src/kernel/key_part.ts";

const takes = (part: string): boolean => keyPart.safeParse(part).success;

test.each(["debian 12", "ubuntu 22.04", "arch", "", "2:5.1.0-3~rc1", "build-id:0123abcd", "1..2", "...", "x86_64"])("takes %j", (part) => {
  expect(takes(part)).toBe(true);
});

test.each(["..", ".", ".. 22", "debian ..", "debian . 12", "../etc", "a/b", "/"])("refuses %j", (part) => {
  expect(takes(part)).toBe(false);
});

test("a word of what it takes names a file in the very folder it is written behind", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[./ a]{0,6}$/), (part) => {
      fc.pre(takes(part));
      for (const word of part.split(" ").filter(Boolean)) expect(posix.join("/srv/folder", word)).toBe(`/srv/folder/${word}`);
    }),
  );
});
