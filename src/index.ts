/** What a program or a task of one's own gets by `import … from "kofleet"`: the vocabulary of tasks, and the tasks that kofleet brings along. */
export type { Answer, Argv } from "./core/answer.ts";
export { ConfigError, ConnectError, FactError, KofleetError, ProofError, StepError } from "./core/error.ts";
export type { Fact, FactMap } from "./core/fact.ts";
export type { Host } from "./core/host.ts";
export type { Control, Input, InputMap } from "./core/input.ts";
export type { HostResult, Outcome, TaskVerdict, Verdict } from "./core/outcome.ts";
export { type Change, change, changeInput, type Step, type Undo, unknown } from "./core/step.ts";
export {
  type Decision,
  defineFleetTask,
  defineTask,
  type FleetTask,
  type Plan,
  type Stop,
  stop,
  type Task,
  type Values,
} from "./core/task.ts";
export { builtinTasks } from "./tasks/registry.ts";
