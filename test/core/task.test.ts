import { expect, test } from "vitest";
import { z } from "zod";
import { defineFleetTask, defineTask, isFleetTask, stop } from "../../src/core/task.ts";

const task = defineTask({
  name: "nothing",
  summary: "Does nothing.",
  args: z.strictObject({}),
  facts: () => ({}),
  *plan() {
    yield* [];
    return undefined;
  },
});

const fleetTask = defineFleetTask({
  name: "decide_nothing",
  summary: "Decides nothing.",
  args: z.strictObject({}),
  facts: () => ({}),
  decide: () => ({ vars: new Map(), stops: new Map(), skips: new Map(), waves: [], summary: undefined }),
});

test("a fleet task is told apart from a task of one host", () => {
  expect([task, fleetTask].map((one) => isFleetTask(one))).toEqual([false, true]);
});

test("a stop says its verdict and why", () => {
  expect(stop("pending-reboot", "dattobd is in use")).toEqual({ verdict: "pending-reboot", reason: "dattobd is in use" });
});
