import type { RunEvent, TimedEvent } from "../core/event.ts";
import { endsHost } from "../core/outcome.ts";

/** A host at its task. */
export interface Running {
  readonly host: string;
  readonly task: string;
  /** Milliseconds of the epoch. */
  readonly since: number;
  /** Its step, or the last line of output. */
  readonly said: string;
}

/** What of a run is happening now. */
export interface LiveView {
  play: { readonly name: string; readonly hosts: number; readonly since: number };
  /** By host. */
  readonly running: Map<string, Running>;
  /** Hosts that get no further task in this run. */
  readonly lost: Set<string>;
  /** Of this play. */
  finishedTasks: number;
}

/** A view before the first event. */
export const emptyView = (): LiveView => ({
  play: { name: "", hosts: 0, since: 0 },
  running: new Map(),
  lost: new Set(),
  finishedTasks: 0,
});

type Kind = RunEvent["type"];
type Of<K extends Kind> = Extract<TimedEvent, { type: K }>;
type Changes = { readonly [K in Kind]: (view: LiveView, event: Of<K>) => void };

const nothing = (): void => {};

function say(view: LiveView, host: string, said: string): void {
  const running = view.running.get(host);
  if (running !== undefined) view.running.set(host, { ...running, said });
}

const changes: Changes = {
  "run-started": nothing,
  "play-started": (view, { play, hosts, at }) => {
    view.play = { name: play, hosts: hosts.length, since: Date.parse(at) };
    view.finishedTasks = 0;
  },
  "batch-started": nothing,
  "host-contacted": nothing,
  "job-joined": (view, { host, title }) => say(view, host, title),
  "task-started": (view, { host, task, at }) => {
    view.running.set(host, { host, task, since: Date.parse(at), said: "" });
  },
  "step-started": (view, { host, step }) => say(view, host, step),
  "step-output": (view, { host, line }) => say(view, host, line),
  "step-finished": nothing,
  "file-diff": nothing,
  retrying: (view, { host, reason, attempt }) => say(view, host, `tries again after attempt ${attempt}: ${reason}`),
  "task-finished": (view, { host, outcome }) => {
    view.running.delete(host);
    view.finishedTasks += 1;
    if (endsHost(outcome.verdict) && !outcome.ignored) view.lost.add(host);
  },
  decided: nothing,
  warning: nothing,
  "run-finished": (view) => view.running.clear(),
};

/** Brings the view up to date with an event. */
export function follow<K extends Kind>(view: LiveView, event: Of<K>): void {
  const change: (view: LiveView, event: Of<K>) => void = changes[event.type];
  change(view, event);
}
