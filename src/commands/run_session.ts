import { join } from "node:path";
import type { Play } from "../config/play.ts";
import { KofleetError } from "../core/error.ts";
import type { EventSink, RunEvent } from "../core/event.ts";
import { createConnect } from "../remote/connect.ts";
import type { Ask } from "../remote/person.ts";
import type { PlanView } from "../report/plan_table.ts";
import { recap } from "../report/recap.ts";
import type { RunContext, RunHost } from "../runner/context.ts";
import { type RunResult, runPlays } from "../runner/run.ts";
import { Turns } from "../runner/turns.ts";
import { createContents } from "../store/contents.ts";
import { createRun } from "../store/run_journal.ts";
import { artifactStoreOf, kernelStoreOf } from "./artifact_store.ts";
import type { RunOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import type { Fleet } from "./fleet.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { localUser } from "./local_user.ts";
import { fleetCertificateOf } from "./module_signing.ts";
import { questionsBeside } from "./questions.ts";
import { openReporter } from "./reporter.ts";
import { screenOf } from "./screen.ts";

/** What a run is about. */
export interface RunRequest {
  /** For people: "rollout kofleet_example 1.0.0". */
  readonly title: string;
  readonly plays: readonly Play[];
  /** Hosts of the run: plays act on no other. */
  readonly hosts: readonly string[];
  readonly vars: Readonly<Record<string, unknown>>;
  readonly upTo?: "end" | "confirm";
  /** Sees every event, beside journal and terminal. */
  readonly onEvent?: (event: RunEvent) => void;
  confirm?(play: Play): Promise<boolean>;
}

/** Runs plays with everything around them: journal, terminal, Ctrl-C, recap. */
export async function runSession(request: RunRequest, fleet: Fleet, options: RunOptions, console: Console): Promise<RunResult> {
  const started = console.now().getTime();
  fleet.unlock(request.hosts, wantsRights(request.plays) || undefined);
  const reporter = await openReporter(options, console);
  const warn = (message: string): void => console.error.write(`warning: ${message}\n`);
  const journal = createRun(fleet.settings.runs ?? join(fleet.folders.state, "runs"), {
    now: () => console.now(),
    random: () => console.random(),
    warn,
  });
  const questions = questionsBeside(reporter, console);
  const sinks: EventSink[] = [(event) => journal.write(event), questions.sink];
  const emit = (event: RunEvent): void => {
    const timed = { ...event, at: console.now().toISOString() };
    if (event.type === "decided") journal.plan(event.summary);
    for (const sink of sinks) sink(timed);
    request.onEvent?.(event);
  };
  const context = {
    ...contextOf(request.hosts, fleet, console, questions.ask),
    run: journal.id,
    extraVars: { ...request.vars, ...fleet.extraVars },
    isCheck: options.check ?? false,
    isDiff: options.diff ?? false,
    emit,
    spool: (host: string, task: string, text: string) => journal.spool(host, task, text),
    confirm: async (play: Play) => {
      reporter.pause();
      return request.confirm ? request.confirm(play) : askToGoOn(play.name, options, console);
    },
    ...failureLimit(options, fleet),
  };
  emit({
    type: "run-started",
    run: journal.id,
    title: request.title,
    check: context.isCheck,
    hosts: request.hosts,
    folder: journal.folder,
  });
  try {
    const result = await runPlays(request.plays, { ...context, control: controlOf(fleet, console, journal.id) }, request.upTo);
    const milliseconds = console.now().getTime() - started;
    emit({ type: "run-finished", run: journal.id, results: result.results, exitCode: result.exitCode, milliseconds });
    reporter.close();
    if (!options.json && request.upTo !== "confirm") {
      const view = { hosts: request.hosts, results: result.results, check: context.isCheck, milliseconds, folder: journal.folder };
      console.out.write(`${recap(view, screenOf(console.out, console, options))}\n`);
    }
    return result;
  } finally {
    reporter.close();
    journal.close();
  }
}

const wantsRights = (plays: readonly Play[]): boolean =>
  plays.some(({ become, tasks }) => become === true || tasks.some((entry) => entry.become === true));

/** A context for commands that only ask: no journal, nothing printed. */
export function askingContext(hosts: readonly string[], fleet: Fleet, console: Console): RunContext {
  fleet.unlock(hosts, true);
  return contextOf(hosts, fleet, console, console.ask);
}

function contextOf(names: readonly string[], fleet: Fleet, console: Console, ask: Ask): RunContext {
  const within = new Set(names);
  return {
    run: "none",
    hosts: new Map([...fleet.inventory.hosts.keys()].map((name) => [name, runHost(name, fleet)])),
    select: (pattern) => fleet.select(pattern).filter((name) => within.has(name)),
    extraVars: fleet.extraVars,
    connect: createConnect(localUser(console), { ask }),
    control: controlOf(fleet, console, "none"),
    interrupt: listenForInterrupt(console),
    turns: new Turns(),
    isCheck: false,
    isDiff: false,
    forks: fleet.forks,
    emit: () => undefined,
    spool: () => undefined,
    confirm: async () => true,
  };
}

function runHost(name: string, fleet: Fleet): RunHost {
  const { target, become } = fleet.reach(name);
  const granted = become ?? fleet.reach(name, true).become;
  return {
    target,
    becomesByDefault: become !== undefined,
    vars: { ...fleet.host(name).vars, group_names: fleet.host(name).groups },
    ...(granted && { become: granted }),
  };
}

function controlOf(fleet: Fleet, console: Console, run: string): RunContext["control"] {
  const certificate = fleetCertificateOf(fleet.settings);
  return {
    ...(certificate && { certificate }),
    contents: createContents(),
    artifacts: artifactStoreOf(fleet, console),
    kernels: kernelStoreOf(fleet, console),
    run,
    now: () => console.now(),
  };
}

function failureLimit(options: RunOptions, fleet: Fleet): Pick<RunContext, "failureLimit"> {
  const limit = options.maxFail ?? fleet.settings.maxFail;
  return limit === undefined ? {} : { failureLimit: limit };
}

/** Whether a person, or `--yes`, agrees; the default is no. */
export async function askToGoOn(what: string, options: Pick<RunOptions, "yes">, console: Console): Promise<boolean> {
  if (options.yes) return true;
  if (!console.error.isTerminal) throw new KofleetError(`"${what}" wants to be confirmed, and nobody can be asked: give --yes`);
  return /^y(es)?$/i.test((await console.ask(`${what}: go on? [y/N] `)).trim());
}

/** Whether a plan leaves anything to be done. */
export const hasWork = ({ hosts, builds }: PlanView): boolean =>
  builds.length > 0 || hosts.some(({ route }) => route === "build" || route === "copy");
