import { dirname, resolve } from "node:path";
import type { TaskEntry, Vars } from "../config/play.ts";
import type { AnyTask } from "../core/task.ts";

/** The arguments of an entry as its task's schema wants them, rendered for one host; what only the runner knows is added before. Throws a ConfigError. */
export function argumentsOf(entry: TaskEntry, task: AnyTask, vars: Vars): unknown {
  const rendered = entry.args.render(vars);
  if (typeof rendered !== "object" || rendered === null) return entry.parseArgs(rendered);
  const folder = dirname(resolve(entry.position.file));
  const files = Object.entries(rendered).filter(([key, value]) => task.files?.includes(key) && typeof value === "string");
  const paths = Object.fromEntries(files.map(([key, path]) => [key, resolve(folder, path)]));
  return entry.parseArgs({ ...rendered, ...paths, ...(task.takesVars && { vars }) });
}
