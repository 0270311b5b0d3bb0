import { setTimeout as sleep } from "node:timers/promises";
import type { Play, TaskEntry, Vars } from "../config/play.ts";
import { ConfigError, ConnectError } from "../core/error.ts";
import type { Outcome } from "../core/outcome.ts";
import type { AnyTask } from "../core/task.ts";
import type { TaskScope } from "./apply.ts";
import { argumentsOf } from "./arguments.ts";
import type { RunContext } from "./context.ts";
import { hostVars } from "./host_vars.ts";
import type { Member } from "./member.ts";
import type { Prediction } from "./prediction.ts";
import { runTask } from "./task_run.ts";
import { followingFacts, upcomingFacts } from "./upcoming.ts";

/** An entry of a play on one host: where it belongs, where it runs, and what stands behind it. */
export interface EntryRun {
  readonly play: Play;
  readonly entry: TaskEntry;
  readonly task: AnyTask;
  /** Whose variables it sees, and whose result it is. */
  readonly owner: Member;
  readonly context: RunContext;
  readonly inputPredictions: Prediction;
  /** The entries behind it that the same host will run. */
  readonly rest: readonly TaskEntry[];
  /** The host that `delegate_to` names. */
  findMember(name: string): Member;
}

/** Runs one entry on one host, with all that stands around a task: when, retries, register, changed_when, failed_when, ignore_errors. */
export async function runEntry(run: EntryRun): Promise<Outcome> {
  const { entry, owner } = run;
  try {
    const vars = await varsOf(run);
    const name = String(entry.name.render(vars));
    run.context.emit({ type: "task-started", host: owner.name, play: run.play.name, task: name });
    const started = run.context.control.now().getTime();
    const outcome = await guarded(() => attempt(run, vars, name));
    finish(run, name, outcome, run.context.control.now().getTime() - started);
    return outcome;
  } catch (error) {
    const outcome = outcomeOf(error);
    finish(run, entry.task.name, outcome, 0);
    return outcome;
  }
}

async function varsOf({ play, entry, owner, context }: EntryRun): Promise<Vars> {
  const host = await owner.session.contact(becomeOf(play, entry, owner));
  const inventory = context.hosts.get(owner.name)?.vars ?? {};
  return owner.seenBy(play, host, (decided) => hostVars(play, { inventory, host, decided, extra: context.extraVars }));
}

const becomeOf = (play: Play, entry: TaskEntry, member: Member) =>
  member.session.become(entry.become ?? play.become, entry.becomeUser ?? play.becomeUser);

/** Attempts = retries + 1; `until` alone means 3 retries; `retries` alone means until it does not fail. */
async function attempt(run: EntryRun, vars: Vars, name: string): Promise<Outcome> {
  const { entry, owner, context } = run;
  if (entry.when?.evaluate(vars) === false)
    return { verdict: "skipped", reason: `when: ${entry.when.source}`, steps: [], result: { skipped: true } };
  const retries = entry.retries ?? (entry.until ? 3 : 0);
  for (let tried = 0; ; tried += 1) {
    const outcome = judge(run, vars, await perform(run, vars, name));
    const isDone = entry.until && !context.isCheck ? entry.until.evaluate(withRegister(run, vars, outcome)) : outcome.verdict !== "failed";
    if (isDone) return outcome;
    if (tried >= retries)
      return entry.until && retries > 0
        ? { ...outcome, verdict: "failed", reason: outcome.reason ?? `until never came true: ${entry.until.source}` }
        : outcome;
    context.emit({ type: "retrying", host: owner.name, reason: outcome.reason ?? `until: ${entry.until?.source}`, attempt: tried + 1 });
    await sleep(entry.delay * 1000, undefined, { signal: context.interrupt.signal });
  }
}

async function perform(run: EntryRun, vars: Vars, name: string): Promise<Outcome> {
  const { entry, task, owner, context, rest } = run;
  const on = entry.delegateTo ? run.findMember(String(entry.delegateTo.render(vars))) : owner;
  const become = becomeOf(run.play, entry, on);
  const scope: TaskScope = { session: on.session, context, task: name, become, timeout: entry.timeout, isSecret: entry.noLog };
  const args = argumentsOf(entry, task, vars);
  const ahead = on === owner ? rest.filter((other) => sameRights(run, other, become?.user)) : [];
  return on.session.exclusively(() =>
    runTask({
      entry,
      task,
      args,
      scope,
      inputPredictions: run.inputPredictions,
      next: () => (ahead[0] ? (upcomingFacts(ahead[0], vars, on.session.profile) ?? []) : []),
      following: () => followingFacts(ahead, vars, on.session.profile),
    }),
  );
}

const sameRights = ({ play, owner }: EntryRun, other: TaskEntry, user: string | undefined): boolean =>
  becomeOf(play, other, owner)?.user === user;

/** Order: register, changed_when, failed_when. */
function judge(run: EntryRun, vars: Vars, outcome: Outcome): Outcome {
  const { changedWhen, failedWhen } = run.entry;
  if (run.context.isCheck || (outcome.verdict !== "changed" && outcome.verdict !== "failed") || outcome.result === undefined)
    return outcome;
  let judged = outcome;
  if (changedWhen && judged.verdict === "changed")
    judged = { ...judged, verdict: changedWhen.evaluate(withRegister(run, vars, judged)) ? "changed" : "ok" };
  if (!failedWhen) return judged;
  if (failedWhen.evaluate(withRegister(run, vars, judged)))
    return { ...judged, verdict: "failed", reason: judged.reason ?? `failed_when: ${failedWhen.source}` };
  return judged.verdict === "failed" ? { ...judged, verdict: "changed" } : judged;
}

const withRegister = ({ entry }: EntryRun, vars: Vars, outcome: Outcome): Vars =>
  entry.register ? { ...vars, [entry.register]: registered(outcome) } : vars;

/** What `register` sees: the task's result, and how it came out; on skip and failure too. */
const registered = (outcome: Outcome): Vars => ({
  ...(typeof outcome.result === "object" && outcome.result !== null ? outcome.result : { value: outcome.result ?? null }),
  verdict: outcome.verdict,
  changed: outcome.verdict === "changed",
  failed: outcome.verdict === "failed",
  skipped: outcome.verdict === "skipped",
  reason: outcome.reason ?? "",
});

function finish(run: EntryRun, name: string, outcome: Outcome, milliseconds: number): void {
  const { entry, owner, play, context } = run;
  const settled: Outcome = entry.ignoreErrors && outcome.verdict === "failed" ? { ...outcome, ignored: true } : outcome;
  if (entry.register) owner.set({ [entry.register]: registered(outcome) });
  owner.add(settled);
  const told: Outcome = entry.noLog ? { ...settled, result: undefined } : settled;
  context.emit({ type: "task-finished", host: owner.name, play: play.name, task: name, outcome: told, milliseconds });
}

async function guarded(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    return outcomeOf(error);
  }
}

/** A host's failure is an outcome; what is nobody's is thrown on. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof ConnectError) return { verdict: "unreachable", reason: `${error.reason}: ${error.message}`, steps: [] };
  if (error instanceof ConfigError) return { verdict: "failed", reason: error.message, steps: [] };
  throw error;
}
