import { z } from "zod";
import type { RunEvent, TimedEvent } from "../core/event.ts";
import type { Host } from "../core/host.ts";
import type { HostResult, Outcome } from "../core/outcome.ts";

const text = z.string();
const names = z.array(text);
const verdict = z.enum(["ok", "changed", "skipped", "failed", "blocked", "pending-reboot", "unreachable", "unknown"]);

const host: z.ZodType<Host> = z.object({
  name: text,
  distribution: text,
  distributionVersion: text,
  distributionTitle: text,
  family: z.enum(["debian", "redhat", "suse", "other"]),
  kernel: text,
  architecture: text,
  bootId: text,
  moduleFolder: text,
  hostname: text,
});

const outcome: z.ZodType<Outcome> = z.object({
  verdict,
  reason: text.exactOptional(),
  steps: names,
  result: z.unknown().exactOptional(),
  output: z.object({ tail: text, file: text.exactOptional() }).exactOptional(),
  ignored: z.literal(true).exactOptional(),
});

const result: z.ZodType<HostResult> = z.object({
  host: text,
  verdict,
  reason: text.exactOptional(),
  counts: z.partialRecord(verdict, z.int()),
});

const number = z.number();
const event = <T extends RunEvent["type"], S extends z.ZodRawShape>(type: T, fields: S) =>
  z.object({ type: z.literal(type), at: z.iso.datetime(), ...fields });

type Kind = RunEvent["type"];

/** The events as the journal keeps them, by kind: a kind that is missing here does not compile. */
const events: { readonly [K in Kind]: z.ZodType<Extract<TimedEvent, { type: K }>> } = {
  "run-started": event("run-started", { run: text, title: text, check: z.boolean(), hosts: names, folder: text }),
  "play-started": event("play-started", { play: text, hosts: names }),
  "batch-started": event("batch-started", { play: text, batch: number, batches: number, hosts: names }),
  "host-contacted": event("host-contacted", { host: text, profile: host }),
  "job-joined": event("job-joined", { host: text, title: text, run: text }),
  "task-started": event("task-started", { host: text, play: text, task: text }),
  "step-started": event("step-started", { host: text, task: text, step: text }),
  "step-output": event("step-output", { host: text, task: text, line: text }),
  "step-finished": event("step-finished", { host: text, task: text, step: text, code: number, log: text.exactOptional() }),
  "file-diff": event("file-diff", { host: text, task: text, path: text, diff: text }),
  retrying: event("retrying", { host: text, reason: text, attempt: number }),
  "task-finished": event("task-finished", { host: text, play: text, task: text, outcome, milliseconds: number }),
  decided: event("decided", { task: text, summary: z.unknown() }),
  warning: event("warning", { message: text, host: text.exactOptional() }),
  "run-finished": event("run-finished", { run: text, results: z.array(result), exitCode: number, milliseconds: number }),
};

const isKind = (type: string): type is Kind => Object.hasOwn(events, type);
const kind = z.object({ type: text.refine(isKind, "not an event of kofleet") });

/** Reads one event; throws a ZodError where it is none. */
export function parseEvent(value: unknown): TimedEvent {
  const { type } = kind.parse(value);
  const schema: z.ZodType<TimedEvent> = events[type];
  return schema.parse(value);
}
