import type { RunEvent } from "../core/event.ts";
import type { Outcome } from "../core/outcome.ts";
import { count } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { foldCounted } from "./fold.ts";
import { type Tone, verdictTone } from "./tone.ts";

/** An event in words, and what its line means. Not yet safe for a terminal. */
export interface EventText {
  readonly text: string;
  readonly tone: Tone;
  /** Told only to those who want every detail. */
  readonly isDetail: boolean;
}

type Kind = RunEvent["type"];
type Texts = { readonly [K in Kind]: (event: Extract<RunEvent, { type: K }>) => EventText };

const heading = (text: string): EventText => ({ text, tone: "title", isDetail: false });
const news = (text: string, tone: Tone = "plain"): EventText => ({ text, tone, isDetail: false });
const detail = (text: string): EventText => ({ text, tone: "quiet", isDetail: true });

const texts: Texts = {
  "run-started": ({ run, title, check, hosts }) => heading(`run ${run}${check ? " (check mode)" : ""}: ${title}: ${foldCounted(hosts)}`),
  "play-started": ({ play, hosts }) => heading(`${play}: ${foldCounted(hosts)}`),
  "batch-started": ({ play, batch, batches, hosts }) => news(`${play}: batch ${batch} of ${batches}: ${foldCounted(hosts)}`),
  "host-contacted": ({ host, profile }) => detail(`${host}: ${profile.distributionTitle}, ${profile.kernel}`),
  "job-joined": ({ host, title, run }) => news(`${host}: goes on with "${title}" of run ${run}`, "waiting"),
  "task-started": ({ host, task }) => detail(`${host}: ${task}`),
  "step-started": ({ host, task, step }) => detail(`${host}: ${task}: ${step}`),
  "step-output": ({ host, line }) => detail(`${host}: | ${line}`),
  "step-finished": ({ host, task, step, code }) => detail(`${host}: ${task}: ${step}: exit ${code}`),
  "file-diff": ({ host, task, path }) => news(`${host}: ${task}: ${path} differs:`),
  retrying: ({ host, reason, attempt }) => news(`${host}: tries again after attempt ${attempt}: ${reason}`, "waiting"),
  "task-finished": ({ host, task, outcome, milliseconds }) => ({
    text: `${host}: ${task}: ${outcomeText(outcome)} (${formatDuration(milliseconds)})`,
    tone: outcome.ignored ? "quiet" : verdictTone[outcome.verdict],
    isDetail: outcome.verdict === "skipped",
  }),
  decided: ({ task }) => detail(`${task}: decided`),
  warning: ({ message, host }) => news(`warning: ${host === undefined ? "" : `${host}: `}${message}`, "change"),
  "run-finished": ({ results, exitCode, milliseconds }) =>
    heading(`finished: ${count(results.length, "host")}, exit ${exitCode} (${formatDuration(milliseconds)})`),
};

/** What an event says. */
export function eventText<K extends Kind>(event: Extract<RunEvent, { type: K }>): EventText {
  const text: (event: Extract<RunEvent, { type: K }>) => EventText = texts[event.type];
  return text(event);
}

/** Steps that a line has room for. */
const shown = 5;

/** A source tree is a step for each of its files: the journal and --json have them all. */
const someOf = (steps: readonly string[]): string =>
  steps.length <= shown + 1 ? steps.join("; ") : `${steps.slice(0, shown).join("; ")}; and ${steps.length - shown} more steps`;

function outcomeText({ verdict, reason, steps, ignored }: Outcome): string {
  const why = reason ?? (verdict === "changed" ? someOf(steps) : "");
  return `${verdict}${ignored ? " (ignored)" : ""}${why === "" ? "" : `: ${why}`}`;
}
