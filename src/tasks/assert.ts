import { z } from "zod";
import { defineTask, stop } from "../core/task.ts";

const condition = z.boolean('not yes or no: write an expression of one value, such as "{{eq a b}}"');

/** Fails a host where a condition, already evaluated, does not hold. */
export const assert = defineTask({
  name: "assert",
  summary: "Fails where one of the given conditions does not hold.",
  args: z.strictObject({
    that: z.union([condition.transform((one) => [one]), z.array(condition).min(1)]),
    msg: z.string().optional().describe("what is said where one does not hold"),
  }),
  facts: () => ({}),
  *plan({ that, msg }) {
    const broken = that.findIndex((holds) => !holds);
    if (broken === -1) return undefined;
    return stop("failed", msg ?? `condition ${broken + 1} of ${that.length} does not hold`);
  },
});
