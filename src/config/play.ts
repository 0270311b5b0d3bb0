import type { Position } from "../core/error.ts";
import type { AnyFleetTask, AnyTask } from "../core/task.ts";

/** Variables that templates see: plain data, never functions. */
export type Vars = Readonly<Record<string, unknown>>;

/** A text, list or map of a user's file that may hold expressions, compiled once. */
export interface Template {
  readonly position: Position;
  /** Whether it holds no expression at all, so that rendering it needs no variables. */
  readonly isConstant: boolean;
  /** Throws a ConfigError at the place of the expression that failed: an undefined variable with the nearest name, say. A value that is only one expression keeps its type. */
  render(vars: Vars): unknown;
}

/** `when`, `until` and the like: a list of expressions, evaluated up to the first false. */
export interface Condition {
  readonly position: Position;
  readonly source: string;
  evaluate(vars: Vars): boolean;
}

/** How many hosts a batch has: a number, a percentage, a list of either, or the waves that a fleet task decided. */
export type Serial = readonly (number | `${number}%`)[] | "waves";

/** One entry of a play's `tasks`. */
export interface TaskEntry {
  readonly position: Position;
  readonly name: Template;
  readonly task: AnyTask | AnyFleetTask;
  /** Renders to the task's arguments, not yet checked by its schema. */
  readonly args: Template;
  /** Checks rendered arguments by the task's schema; throws a ConfigError at the argument's place. */
  parseArgs(rendered: unknown): unknown;
  readonly when?: Condition;
  readonly register?: string;
  /** Further attempts after the first. */
  readonly retries?: number;
  /** Seconds between attempts. */
  readonly delay: number;
  readonly until?: Condition;
  readonly changedWhen?: Condition;
  readonly failedWhen?: Condition;
  readonly ignoreErrors: boolean;
  readonly runOnce: boolean;
  readonly delegateTo?: Template;
  readonly tags: readonly string[];
  readonly noLog: boolean;
  /** Seconds. */
  readonly timeout?: number;
  readonly become?: boolean;
  readonly becomeUser?: string;
}

/** One play: hosts, and what is done on them. */
export interface Play {
  readonly position: Position;
  readonly name: string;
  /** A host pattern. */
  readonly hosts: string;
  readonly serial?: Serial;
  /** Percent of a run's hosts; 0 with `any_errors_fatal`. */
  readonly maxFailPercentage?: number;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly vars: Readonly<Record<string, Template>>;
  readonly tasks: readonly TaskEntry[];
  readonly tags: readonly string[];
  /** Asks once before this play; `kofleet plan` ends before the first such play. */
  readonly confirm: boolean;
}
