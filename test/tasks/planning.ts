import type { z } from "zod";
import type { FactMap } from "../../src/core/fact.ts";
import type { Host } from "../../src/core/host.ts";
import type { InputMap } from "../../src/core/input.ts";
import type { Step } from "../../src/core/step.ts";
import type { Stop, Task, Values } from "../../src/core/task.ts";

/** A host for plans that ask nothing special of it. */
export const debianHost: Host = {
  name: "web1",
  distribution: "debian",
  distributionVersion: "12",
  distributionTitle: "Debian GNU/Linux 12 (bookworm)",
  family: "debian",
  kernel: "6.1.0-37-amd64",
  architecture: "x86_64",
  bootId: "0d1b7b5e-52b2-4f0c-9d0c-0f3f3a9c6a11",
  moduleFolder: "/usr/lib/modules",
  hostname: "web1",
};

/** What a task plans: its steps, and its stop if it makes one. */
export interface Planned {
  readonly steps: readonly Step[];
  readonly stop: Stop | undefined;
}

/** Plans a task for arguments as a playbook has them. */
export function planOf<A extends z.ZodType, F extends FactMap, I extends InputMap>(
  task: Task<A, F, I>,
  args: z.input<A>,
  facts: Values<F>,
  inputs: Values<I>,
  host: Host = debianHost,
): Planned {
  const plan = task.plan(task.args.parse(args), facts, inputs, host);
  const steps: Step[] = [];
  for (;;) {
    const { value, done } = plan.next();
    if (done) return { steps, stop: value };
    steps.push(value);
  }
}

/** Plans again over the facts as the first plan's steps say they are changed: a task that knows its effect plans nothing then. */
export function planAfter<A extends z.ZodType, F extends FactMap, I extends InputMap>(
  task: Task<A, F, I>,
  args: z.input<A>,
  facts: Values<F>,
  inputs: Values<I>,
  host: Host = debianHost,
): Planned {
  const names = new Map(Object.entries(task.facts(task.args.parse(args), host)).map(([key, fact]) => [fact.name, key]));
  const after: Record<string, unknown> = { ...facts };
  for (const { changes = [] } of planOf(task, args, facts, inputs, host).steps) {
    for (const { name, to } of changes) {
      const key = names.get(name);
      if (key === undefined) throw new Error(`${task.name} changes ${name}, which it does not ask for`);
      after[key] = to(after[key]);
    }
  }
  return planOf(task, args, after as Values<F>, inputs, host);
}
