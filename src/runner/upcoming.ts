import type { TaskEntry, Vars } from "../config/play.ts";
import { ConfigError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import { isFleetTask } from "../core/task.ts";
import { argumentsOf } from "./arguments.ts";

/** What a task will ask, as far as that can be told before it is its turn: undefined where its arguments do not render yet. */
export function upcomingFacts(entry: TaskEntry, vars: Vars, host: Host): readonly Fact<unknown>[] | undefined {
  if (isFleetTask(entry.task) || entry.delegateTo || entry.runOnce) return [];
  try {
    if (entry.when?.evaluate(vars) === false) return [];
    const facts = entry.task.facts(argumentsOf(entry, entry.task, vars), host);
    return Object.values(facts).filter((fact) => !fact.slow);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** What all following tasks will ask, up to the first whose arguments do not render yet. */
export function followingFacts(entries: readonly TaskEntry[], vars: Vars, host: Host): Fact<unknown>[] {
  const all: Fact<unknown>[] = [];
  for (const entry of entries) {
    const facts = upcomingFacts(entry, vars, host);
    if (facts === undefined) break;
    all.push(...facts);
  }
  return all;
}
