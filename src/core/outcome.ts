/** What one task did on one host. `unknown` exists in check mode only: the plan waits for a step that was not applied. */
export type TaskVerdict = "ok" | "changed" | "skipped" | "failed" | "blocked" | "pending-reboot" | "unreachable" | "unknown";

/** What a run says of a host. */
export type Verdict = TaskVerdict;

/** The outcome of one task on one host. */
export interface Outcome {
  readonly verdict: TaskVerdict;
  /** Why: always there for all but ok and changed. */
  readonly reason?: string;
  /** The steps applied, or in check mode those that would be, one line each. */
  readonly steps: readonly string[];
  /** What `register` sees. */
  readonly result?: unknown;
  /** The last lines of a failed command's output, control characters removed, and where the whole is kept. */
  readonly output?: { readonly tail: string; readonly file?: string };
  /** Set where `ignore_errors` made a failure count as none. */
  readonly ignored?: true;
}

/** What a run says of one host at its end. */
export interface HostResult {
  readonly host: string;
  readonly verdict: Verdict;
  readonly reason?: string;
  /** How many tasks came to each verdict. */
  readonly counts: Readonly<Partial<Record<TaskVerdict, number>>>;
}

const severity: Record<TaskVerdict, number> = {
  skipped: 0,
  ok: 1,
  changed: 2,
  unknown: 3,
  "pending-reboot": 4,
  blocked: 5,
  unreachable: 6,
  failed: 7,
};

/** The graver of two verdicts: a host is as bad as its worst task. */
export const graver = (a: TaskVerdict, b: TaskVerdict): TaskVerdict => (severity[a] >= severity[b] ? a : b);

/** Whether a host with this verdict gets no further task. */
export const endsHost = (verdict: TaskVerdict): boolean => verdict === "failed" || verdict === "blocked" || verdict === "unreachable";
