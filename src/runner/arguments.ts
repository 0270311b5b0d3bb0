import { dirname, resolve } from "node:path";
import type { TaskEntry, Vars } from "../config/play.ts";
import type { AnyTask } from "../core/task.ts";

/** What is the same for every host is rendered and checked once; what depends on variables once for these: a task is asked about before it is its turn. */
const constants = new WeakMap<TaskEntry, unknown>();
const rendered = new WeakMap<Vars, Map<TaskEntry, unknown>>();

/** The arguments of an entry as its task's schema wants them, rendered for one host; what only the runner knows is added before. Throws a ConfigError. */
export function argumentsOf(entry: TaskEntry, task: AnyTask, vars: Vars): unknown {
  const known = entry.args.isConstant && !task.takesVars ? constants : renderedFor(vars);
  if (!known.has(entry)) known.set(entry, render(entry, task, vars));
  return known.get(entry);
}

function renderedFor(vars: Vars): Map<TaskEntry, unknown> {
  const known = rendered.get(vars) ?? new Map<TaskEntry, unknown>();
  rendered.set(vars, known);
  return known;
}

function render(entry: TaskEntry, task: AnyTask, vars: Vars): unknown {
  const args = entry.args.render(vars);
  if (typeof args !== "object" || args === null) return entry.parseArgs(args);
  const folder = dirname(resolve(entry.position.file));
  const files = Object.entries(args).filter(([key, value]) => task.files?.includes(key) && typeof value === "string");
  const paths = Object.fromEntries(files.map(([key, path]) => [key, resolve(folder, path)]));
  return entry.parseArgs({ ...args, ...paths, ...(task.takesVars && { vars }) });
}
