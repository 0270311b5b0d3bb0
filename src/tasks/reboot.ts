import { z } from "zod";
import { defineTask, stop } from "../core/task.ts";
import { machine } from "../facts/machine.ts";

/** Restarts the host, and proves that it came back with another boot id and the expected kernel. */
export const reboot = defineTask({
  name: "reboot",
  summary: "Restarts the host and waits until it is back with the expected kernel.",
  args: z.strictObject({
    expect: z
      .string()
      .min(1)
      .optional()
      .describe("the kernel release; else what boots next, or where that is not conclusive the running one"),
    timeout: z.number().positive().default(600).describe("seconds until it must be back"),
  }),
  action: () => true,
  facts: () => ({ machine }),
  *plan({ expect, timeout }, { machine: { container, kernels, next, running } }, _inputs, { name, bootId }) {
    if (container !== undefined) return stop("blocked", `${name} is a container (${container}) and has no kernel of its own to boot`);
    if (expect !== undefined && !kernels.some(({ release }) => release === expect)) {
      return stop("failed", `kernel ${expect} is not installed on ${name}: found ${kernels.map(({ release }) => release).join(", ")}`);
    }
    yield { kind: "reboot", from: bootId, expect: expect ?? next ?? running, timeout };
    return undefined;
  },
});
