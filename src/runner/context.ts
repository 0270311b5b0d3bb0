import type { Play, Vars } from "../config/play.ts";
import type { Become, Connect, Target } from "../core/connection.ts";
import type { RunEvent } from "../core/event.ts";
import type { Control } from "../core/input.ts";
import type { Turns } from "./turns.ts";

/** How one host of the inventory is reached, and what templates may see of it. */
export interface RunHost {
  readonly target: Target;
  /** The rights its tasks get when a play or the user asks for `become`; absent where the inventory forbids it. */
  readonly become?: Become;
  /** Whether its tasks run with `become` where a play says nothing. */
  readonly becomesByDefault: boolean;
  readonly vars: Vars;
}

/** How many hosts may fail before no further host is started: a number, or a percentage of the run's hosts. */
export type FailureLimit = number | `${number}%`;

/** Whether the user wants the run to end: `isStopping` after the first Ctrl-C, `signal` aborts at the second. */
export interface Interrupt {
  readonly isStopping: boolean;
  readonly signal: AbortSignal;
}

/** Everything a run works with; nothing is ambient. */
export interface RunContext {
  readonly run: string;
  readonly hosts: ReadonlyMap<string, RunHost>;
  /** The hosts of a pattern, within the limit of the run, in the inventory's order. */
  select(pattern: string): readonly string[];
  /** Variables that win over all others: `-e`. */
  readonly extraVars: Vars;
  readonly connect: Connect;
  readonly control: Control;
  readonly interrupt: Interrupt;
  /** Keeps what one host does for all from being done twice. */
  readonly turns: Turns;
  readonly isCheck: boolean;
  /** Whether the differences that a run makes to files are told. */
  readonly isDiff: boolean;
  /** How many hosts are at work at once. */
  readonly forks: number;
  readonly failureLimit?: FailureLimit;
  emit(event: RunEvent): void;
  /** Keeps an output of a host in the run's folder; returns its path, or nothing where it could not be written. */
  spool(host: string, task: string, text: string): string | undefined;
  /** Whether the user agrees to go on with this play. */
  confirm(play: Play): Promise<boolean>;
}
