import { dirname, resolve } from "node:path";
import type { TaskEntry, Vars } from "../config/play.ts";
import type { AnyTask } from "../core/task.ts";

/** What is the same for every host is rendered and checked once. */
const constants = new WeakMap<TaskEntry, unknown>();

/** The arguments of an entry as its task's schema wants them, rendered for one host; what only the runner knows is added before. Throws a ConfigError. */
export function argumentsOf(entry: TaskEntry, task: AnyTask, vars: Vars): unknown {
  if (!entry.args.isConstant || task.takesVars) return render(entry, task, vars);
  if (!constants.has(entry)) constants.set(entry, render(entry, task, vars));
  return constants.get(entry);
}

function render(entry: TaskEntry, task: AnyTask, vars: Vars): unknown {
  const rendered = entry.args.render(vars);
  if (typeof rendered !== "object" || rendered === null) return entry.parseArgs(rendered);
  const folder = dirname(resolve(entry.position.file));
  const files = Object.entries(rendered).filter(([key, value]) => task.files?.includes(key) && typeof value === "string");
  const paths = Object.fromEntries(files.map(([key, path]) => [key, resolve(folder, path)]));
  return entry.parseArgs({ ...rendered, ...paths, ...(task.takesVars && { vars }) });
}
