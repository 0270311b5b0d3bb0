import type { Host } from "./host.ts";
import type { HostResult, Outcome } from "./outcome.ts";

/** Everything a run tells, as plain JSON data: journal, terminal and `--json` are readers of the same stream. */
export type RunEvent =
  | {
      readonly type: "run-started";
      readonly run: string;
      readonly title: string;
      readonly check: boolean;
      readonly hosts: readonly string[];
      readonly folder: string;
    }
  | { readonly type: "play-started"; readonly play: string; readonly hosts: readonly string[] }
  | {
      readonly type: "batch-started";
      readonly play: string;
      readonly batch: number;
      readonly batches: number;
      readonly hosts: readonly string[];
    }
  | { readonly type: "host-contacted"; readonly host: string; readonly profile: Host }
  | { readonly type: "job-joined"; readonly host: string; readonly title: string; readonly run: string }
  | { readonly type: "task-started"; readonly host: string; readonly play: string; readonly task: string }
  | { readonly type: "step-started"; readonly host: string; readonly task: string; readonly step: string }
  | { readonly type: "step-output"; readonly host: string; readonly task: string; readonly line: string }
  | {
      readonly type: "step-finished";
      readonly host: string;
      readonly task: string;
      readonly step: string;
      readonly code: number;
      readonly log?: string;
    }
  /** How a file will differ, or would in check mode: a unified diff, or a line that says why there is none. */
  | { readonly type: "file-diff"; readonly host: string; readonly task: string; readonly path: string; readonly diff: string }
  | { readonly type: "retrying"; readonly host: string; readonly reason: string; readonly attempt: number }
  | {
      readonly type: "task-finished";
      readonly host: string;
      readonly play: string;
      readonly task: string;
      readonly outcome: Outcome;
      readonly milliseconds: number;
    }
  | { readonly type: "decided"; readonly task: string; readonly summary: unknown }
  | { readonly type: "warning"; readonly message: string; readonly host?: string }
  | {
      readonly type: "run-finished";
      readonly run: string;
      readonly results: readonly HostResult[];
      readonly exitCode: number;
      readonly milliseconds: number;
    };

/** An event with the moment it happened, ISO 8601 in UTC: a line of the journal. */
export type TimedEvent = RunEvent & { readonly at: string };

/** Where events go. Must not throw. */
export type EventSink = (event: TimedEvent) => void;
