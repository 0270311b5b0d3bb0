import type { z } from "zod";
import type { Fact, FactMap } from "./fact.ts";
import type { Host } from "./host.ts";
import type { Input, InputMap } from "./input.ts";
import type { Step } from "./step.ts";

/** A task may find that it must not act; then none of its steps is applied. */
export interface Stop {
  readonly verdict: "failed" | "blocked" | "pending-reboot";
  readonly reason: string;
  /** What `register` sees and the journal keeps of it. */
  readonly result?: unknown;
}

/** Says that a task must not act, and why. */
export const stop = (verdict: Stop["verdict"], reason: string, result?: unknown): Stop => ({
  verdict,
  reason,
  ...(result !== undefined && { result }),
});

/** The values behind facts or inputs. */
export type Values<S> = { readonly [K in keyof S]: S[K] extends Fact<infer T> ? T : S[K] extends Input<infer T> ? T : never };

/** A plan: steps in their order, and a stop where the task must not act. */
export type Plan = Generator<Step, Stop | undefined, undefined>;

/** One thing on one host, brought into a state. `plan` is pure; run again over the facts after its own steps it must yield nothing. */
export interface Task<A extends z.ZodType, F extends FactMap, I extends InputMap> {
  /** The key in a playbook: snake_case. */
  readonly name: string;
  /** One sentence, for `kofleet tasks`. */
  readonly summary: string;
  readonly args: A;
  /** Arguments that name files of the control machine: relative ones begin at the playbook's folder. */
  readonly files?: readonly string[];
  /** Whether its argument `vars` is given all variables of the host by the runner. */
  readonly takesVars?: true;
  /** An action is applied once and not planned again; only actions take `changed_when` and `failed_when`. */
  action?(args: z.output<A>): boolean;
  facts(args: z.output<A>, host: Host): F;
  inputs?(args: z.output<A>, host: Host): I;
  plan(args: z.output<A>, facts: Values<F>, inputs: Values<I>, host: Host): Plan;
  /** Inputs of other hosts' tasks that its steps feed: check mode takes them for unknown where this plan is. */
  feeds?(args: z.output<A>): readonly Input<unknown>[];
  /** What `register` sees, from the facts after. An action's register has `code`, `stdout` and `stderr` of its last step without it. */
  result?(args: z.output<A>, facts: Values<F>, inputs: Values<I>, host: Host): unknown;
}

/** What a fleet task decides: variables and stops per host, and the order of the hosts for plays with `serial: waves`. */
export interface Decision {
  readonly vars: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly stops: ReadonlyMap<string, Stop>;
  /** Hosts that are left out without being a failure, with the reason. */
  readonly skips: ReadonlyMap<string, string>;
  readonly waves: readonly (readonly string[])[];
  /** What people are shown, and the journal keeps: plain data of the task's own shape. */
  readonly summary: unknown;
}

/** What a fleet task knows of one host. */
export type FleetMember<F> =
  | { readonly kind: "answered"; readonly host: Host; readonly facts: Values<F>; readonly vars: Readonly<Record<string, unknown>> }
  | { readonly kind: "unreachable"; readonly reason: string; readonly vars: Readonly<Record<string, unknown>> };

/** One decision over the whole fleet. Pure; unreachable hosts are in the map; no steps. */
export interface FleetTask<A extends z.ZodType, F extends FactMap, I extends InputMap> {
  readonly name: string;
  readonly summary: string;
  readonly args: A;
  facts(args: z.output<A>, host: Host): F;
  inputs?(args: z.output<A>): I;
  decide(args: z.output<A>, fleet: ReadonlyMap<string, FleetMember<F>>, inputs: Values<I>): Decision;
}

/** A task, seen without its types: what registry, parser and runner handle. */
export type AnyTask = Task<z.ZodType, FactMap, InputMap>;
/** A fleet task, seen without its types. */
export type AnyFleetTask = FleetTask<z.ZodType, FactMap, InputMap>;

/** All tasks a playbook may name. */
export type TaskRegistry = ReadonlyMap<string, AnyTask | AnyFleetTask>;

/** Tells a fleet task from a task of one host. */
export const isFleetTask = (task: AnyTask | AnyFleetTask): task is AnyFleetTask => "decide" in task;

type NoInputs = Record<never, Input<unknown>>;

/** Declares a task, so that a misspelt fact or argument inside `plan` is a compile error. */
export const defineTask = <A extends z.ZodType, F extends FactMap, I extends InputMap = NoInputs>(task: Task<A, F, I>): Task<A, F, I> =>
  task;

/** Declares a fleet task. */
export const defineFleetTask = <A extends z.ZodType, F extends FactMap, I extends InputMap = NoInputs>(
  task: FleetTask<A, F, I>,
): FleetTask<A, F, I> => task;
