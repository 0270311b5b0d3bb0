import type { HostResult } from "../core/outcome.ts";

/** Why a run ended before its end. */
export type EarlyEnd = "budget" | "interrupted" | "declined";

/** 0 all well; 1 declined before anything was done; 2 some host failed or is blocked; 4 some host was unreachable, none failed; 5 the failure budget; 130 interrupted. */
export function exitCodeOf(results: readonly HostResult[], early: EarlyEnd | undefined): number {
  if (early === "interrupted") return 130;
  if (early === "budget") return 5;
  const verdicts = new Set(results.map(({ verdict }) => verdict));
  if (verdicts.has("failed") || verdicts.has("blocked")) return 2;
  if (verdicts.has("unreachable")) return 4;
  return early === "declined" ? 1 : 0;
}
