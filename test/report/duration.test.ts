import { expect, test } from "vitest";
import { formatDuration } from "../../src/report/duration.ts";

test.each([
  [0, "0.0 s"],
  [440, "0.4 s"],
  [9949, "9.9 s"],
  [9950, "10 s"],
  [59_400, "59 s"],
  [59_600, "1 min 00 s"],
  [192_000, "3 min 12 s"],
  [3_599_600, "1 h 00 min"],
  [3_725_000, "1 h 02 min"],
])("%i ms is %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
