import type { Answer } from "../core/answer.ts";
import type { FactMap } from "../core/fact.ts";
import type { InputMap } from "../core/input.ts";
import type { TaskScope } from "./apply.ts";
import type { Prediction } from "./prediction.ts";

/** The values of a plan, by the names under which it reads them. */
export interface PlanValues {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Facts and inputs as a plan reads them: each value is parsed when it is first read, so that only what a plan needs can be missing. */
export async function valuesOf(
  facts: FactMap,
  inputs: InputMap,
  { session, become, context }: TaskScope,
  inputPredictions: Prediction,
): Promise<PlanValues> {
  const user = become?.user ?? "";
  const answers = new Map(Object.values(facts).map((fact) => [fact.name, session.facts.find(fact, user)]));
  const read = new Map<string, unknown>();
  for (const input of Object.values(inputs)) read.set(input.name, await input.read(context.control));
  return {
    facts: lazy(facts, (fact) => session.predictions.apply(fact.name, () => fact.parse(answers.get(fact.name) as Answer))),
    inputs: lazy(inputs, (input) => inputPredictions.apply(input.name, () => read.get(input.name))),
  };
}

function lazy<T>(named: Readonly<Record<string, T>>, read: (item: T) => unknown): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(named)) {
    Object.defineProperty(values, key, { enumerable: true, get: once(() => read(item)) });
  }
  return values;
}

function once(read: () => unknown): () => unknown {
  let known: { readonly value: unknown } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}
