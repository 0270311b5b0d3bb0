import type { Play, Vars } from "../config/play.ts";
import type { Host } from "../core/host.ts";
import { endsHost, graver, type HostResult, type Outcome, type TaskVerdict, type Verdict } from "../core/outcome.ts";
import type { HostSession } from "./session.ts";

/** One host in a run: its session, what was decided and registered for it, and how it has come along so far. */
export class Member {
  readonly session: HostSession;
  readonly #counts: Partial<Record<TaskVerdict, number>> = {};
  #verdict: Verdict | undefined;
  #reason: string | undefined;
  #isOver = false;
  #vars: Vars = {};
  #seen: { readonly play: Play; readonly host: Host; readonly own: Vars; readonly all: Vars } | undefined;

  constructor(session: HostSession) {
    this.session = session;
  }

  get name(): string {
    return this.session.name;
  }

  /** Variables from fleet tasks and `register`; another object after each `set`. */
  get vars(): Vars {
    return this.#vars;
  }

  /** Adds variables, or replaces those of the same names. */
  set(vars: Vars): void {
    this.#vars = { ...this.#vars, ...vars };
  }

  /** All variables that templates of a play see here, put together by `merge` only where something changed since: the same object means the same values. */
  seenBy(play: Play, host: Host, merge: (own: Vars) => Vars): Vars {
    const last = this.#seen;
    if (last && last.play === play && last.host === host && last.own === this.#vars) return last.all;
    const all = merge(this.#vars);
    this.#seen = { play, host, own: this.#vars, all };
    return all;
  }

  /** Whether it gets no further task: it failed, is blocked, unreachable, or was left out. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Leaves the host out of all that follows. */
  leaveOut(): void {
    this.#isOver = true;
  }

  /** Takes a task's outcome into account; the first reason of the gravest verdict is the host's. */
  add(outcome: Outcome): void {
    this.#counts[outcome.verdict] = (this.#counts[outcome.verdict] ?? 0) + 1;
    if (outcome.ignored) return;
    const before = this.#verdict;
    this.#verdict = before === undefined ? outcome.verdict : graver(before, outcome.verdict);
    if (this.#verdict !== before) this.#reason = outcome.reason;
    if (endsHost(outcome.verdict)) this.#isOver = true;
  }

  /** undefined: no task was started on it. */
  get result(): HostResult | undefined {
    if (this.#verdict === undefined) return undefined;
    const verdict = this.#verdict === "skipped" && this.#counts.ok !== undefined ? "ok" : this.#verdict;
    return {
      host: this.name,
      verdict,
      counts: this.#counts,
      ...(this.#reason !== undefined && needsReason(verdict) && { reason: this.#reason }),
    };
  }
}

const needsReason = (verdict: Verdict): boolean => verdict !== "ok" && verdict !== "changed";
