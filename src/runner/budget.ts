import type { FailureLimit } from "./context.ts";

/** One budget for the whole run: failed, blocked and unreachable hosts all count, each once. */
export class FailureBudget {
  readonly #allowed: number;
  readonly #lost = new Set<string>();

  constructor(limit: FailureLimit | undefined, hosts: number) {
    this.#allowed = allowedFailures(limit, hosts);
  }

  /** Counts a host as lost. */
  spend(host: string): void {
    this.#lost.add(host);
  }

  /** Tightens the budget to a play's own `max_fail_percentage`; never widens it. */
  isExceededBy(percentage: number | undefined, hosts: number): boolean {
    const allowed = percentage === undefined ? this.#allowed : Math.min(this.#allowed, allowedFailures(`${percentage}%`, hosts));
    return this.#lost.size > allowed;
  }
}

/** How many hosts may be lost; without a limit, all. */
export function allowedFailures(limit: FailureLimit | undefined, hosts: number): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  return typeof limit === "number" ? limit : Math.floor((Number.parseFloat(limit) / 100) * hosts);
}
