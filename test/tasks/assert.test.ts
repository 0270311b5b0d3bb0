import { expect, test } from "vitest";
import { assert } from "../../src/tasks/assert.ts";
import { planOf } from "./planning.ts";

const failed = (reason: string) => ({ verdict: "failed", reason });

test.each([
  [{ that: true }, undefined],
  [{ that: [true, true] }, undefined],
  [{ that: false }, failed("condition 1 of 1 does not hold")],
  [{ that: [true, false, false] }, failed("condition 2 of 3 does not hold")],
  [{ that: [false], msg: "too old" }, failed("too old")],
] as const)("%j", (args, stop) => {
  expect(planOf(assert, { ...args, that: typeof args.that === "boolean" ? args.that : [...args.that] }, {}, {})).toEqual({
    steps: [],
    stop,
  });
});

test.each([[{ that: "false" }], [{ that: [1] }], [{ that: [] }], [{}]])("takes nothing but yes or no: %j", (args) => {
  expect(assert.args.safeParse(args).success).toBe(false);
});

test("asks nothing", () => {
  expect(assert.facts({ that: [true] }, {} as never)).toEqual({});
});
