import fc from "fast-check";
import { expect, test } from "vitest";
import { endsHost, graver, type TaskVerdict } from "../../src/core/outcome.ts";

const mildestFirst: readonly TaskVerdict[] = ["skipped", "ok", "changed", "unknown", "pending-reboot", "blocked", "unreachable", "failed"];
const verdict = fc.constantFrom(...mildestFirst);

test("a host is as bad as its worst task", () => {
  fc.assert(
    fc.property(verdict, verdict, (a, b) => {
      expect(graver(a, b)).toBe(mildestFirst[Math.max(mildestFirst.indexOf(a), mildestFirst.indexOf(b))]);
    }),
  );
});

test("a host that failed, is blocked or unreachable gets no further task", () => {
  expect(mildestFirst.filter(endsHost)).toEqual(["blocked", "unreachable", "failed"]);
});
