import fc from "fast-check";
import { expect } from "vitest";

type Compare = (a: string, b: string) => number;

/** Versions as they are, and as nobody would write them: short, so that equal starts are frequent. */
export const versions = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."019aZz.~^+-:_"), maxLength: 8 }),
  fc
    .tuple(fc.nat(12), fc.nat(12), fc.constantFrom("", "~rc1", "^git2", "-1", "-10", "-9ubuntu1", ".el8", ".5.1.el8", "+deb12u1", "-amd64"))
    .map(([major, minor, rest]) => `${major}.${minor}${rest}`),
);

/** Checks that a comparison is a total order: reflexive, antisymmetric, transitive, on any three versions. */
export function expectTotalOrder(compare: Compare): void {
  fc.assert(
    fc.property(versions, versions, versions, (a, b, c) => {
      expect(compare(a, a)).toBe(0);
      expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
      if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
    }),
    { numRuns: 3000 },
  );
}

/** The sign of a comparison as recorded answers write it. */
export const signOf = (order: number): string => (order < 0 ? "<" : order > 0 ? ">" : "=");

/** Recorded answers, one a line: `a < b`. */
export const recorded = (text: string): readonly (readonly [a: string, sign: string, b: string])[] =>
  text
    .trim()
    .split("\n")
    .map((line) => {
      const [a = "", sign = "", b = ""] = line.split(" ");
      return [a, sign, b];
    });
