import type { z } from "zod";
import type { FactMap } from "../../src/core/fact.ts";
import type { Host } from "../../src/core/host.ts";
import type { InputMap } from "../../src/core/input.ts";
import type { Task, Values } from "../../src/core/task.ts";
import { debianHost, type Planned, planOf } from "./planning.ts";

/** The facts and inputs of a task as its own steps say they are afterwards; what its steps do to facts of other tasks is left out. */
export function predicted<A extends z.ZodType, F extends FactMap, I extends InputMap>(
  task: Task<A, F, I>,
  args: z.input<A>,
  facts: Values<F>,
  inputs: Values<I>,
  host: Host = debianHost,
): { readonly facts: Values<F>; readonly inputs: Values<I> } {
  const given = task.args.parse(args);
  const factKeys = new Map(Object.entries(task.facts(given, host)).map(([key, { name }]) => [name, key]));
  const inputKeys = new Map(Object.entries(task.inputs?.(given, host) ?? {}).map(([key, { name }]) => [name, key]));
  const after = { fact: { ...facts } as Record<string, unknown>, input: { ...inputs } as Record<string, unknown> };
  for (const { changes } of planOf(task, args, facts, inputs, host).steps) {
    if (changes === undefined) throw new Error(`${task.name} has a step that does not say what it changes`);
    for (const { of, name, to } of changes) {
      const key = (of === "fact" ? factKeys : inputKeys).get(name);
      if (key !== undefined) after[of][key] = to(after[of][key]);
    }
  }
  return { facts: after.fact as Values<F>, inputs: after.input as Values<I> };
}

/** Plans again over what the first plan's steps say they make of facts and inputs. */
export function planAgain<A extends z.ZodType, F extends FactMap, I extends InputMap>(
  task: Task<A, F, I>,
  args: z.input<A>,
  facts: Values<F>,
  inputs: Values<I>,
  host: Host = debianHost,
): Planned {
  const after = predicted(task, args, facts, inputs, host);
  return planOf(task, args, after.facts, after.inputs, host);
}

/** Steps as they are compared: without what `changes` computes, which planning again proves. */
export const visible = ({ steps, stop }: Planned): unknown => ({ steps: steps.map(({ changes: _, ...step }) => step), stop });
