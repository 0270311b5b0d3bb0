import fc from "fast-check";
import { expect, test } from "vitest";
import { displayWidth, shorten, wrap } from "../../src/report/text_width.ts";

test.each([
  ["", 0],
  ["abc", 3],
  ["‘grün’", 6],
  ["gru\u0308n", 4],
  ["日本", 4],
  ["한국어", 6],
  ["✅", 2],
  ["❤\ufe0f", 2],
  ["㍘", 2],
  ["…↳─", 3],
])("%j takes %i columns", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test.each([
  ["6.1.0-37-amd64", 14, "6.1.0-37-amd64"],
  ["6.1.0-37-amd64", 13, "6.1.0-37-amd…"],
  ["日本語", 4, "日…"],
])("%j in %i columns is %j", (text, width, expected) => {
  expect(shorten(text, width)).toBe(expected);
});

test.each([
  ["no builder for ubuntu", 12, ["no builder", "for ubuntu"]],
  ["exactly twelve", 14, ["exactly twelve"]],
  ["4.18.0-553.5.1.el8_10.x86_64", 18, ["4.18.0-553.5.1.", "el8_10.x86_64"]],
  ["web[01-20],db[1-2]", 12, ["web[01-20],", "db[1-2]"]],
  ["aaaaaaaaaa", 4, ["aaaa", "aaaa", "aa"]],
  ["a\nb", 4, ["a", "b"]],
  ["", 4, [""]],
  ["日本語", 1, ["日", "本", "語"]],
])("%j wraps in %i columns to %j", (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});

test("wrapped lines fit, and nothing but blanks is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), fc.integer({ min: 2, max: 20 }), (text, width) => {
      const lines = wrap(text, width);
      for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
    }),
  );
});
