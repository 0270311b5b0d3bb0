import type { Play, TaskEntry, Vars } from "../config/play.ts";
import { ConnectError, KofleetError, messageOf } from "../core/error.ts";
import type { FactMap } from "../core/fact.ts";
import type { Outcome } from "../core/outcome.ts";
import type { AnyFleetTask, Decision, FleetMember } from "../core/task.ts";
import type { RunContext } from "./context.ts";
import type { Member } from "./member.ts";
import { Prediction } from "./prediction.ts";
import { valuesOf } from "./values.ts";

/** A fleet task in a play, and the hosts it decides about: those that were lost before are in it too. */
export interface FleetRun {
  readonly play: Play;
  readonly entry: TaskEntry;
  readonly task: AnyFleetTask;
  readonly members: readonly Member[];
  readonly context: RunContext;
  /** Runs work for every host, within the forks. */
  forEach<T>(members: readonly Member[], work: (member: Member) => Promise<T>): Promise<T[]>;
}

type Answered = readonly [name: string, member: FleetMember<FactMap>];

/** Asks every host, decides once, and hands each host what was decided for it. */
export async function runFleetTask(run: FleetRun): Promise<Decision> {
  const { entry, task, context, members } = run;
  const args = entry.parseArgs(entry.args.render(fleetVars(run)));
  const fleet = new Map(await run.forEach(members, (member) => ask(run, member, args)));
  const inputs = Object.entries(task.inputs?.(args) ?? {});
  const values = Object.fromEntries(
    await Promise.all(inputs.map(async ([key, input]) => [key, await input.read(context.control)] as const)),
  );
  const decision = task.decide(args, fleet, values);
  context.emit({ type: "decided", task: task.name, summary: decision.summary });
  for (const member of members) settle(run, member, decision);
  return decision;
}

/** What holds for every host: variables of the play and the command line. */
function fleetVars({ play, context }: FleetRun): Vars {
  const known: Record<string, unknown> = {};
  for (const [name, template] of Object.entries(play.vars)) {
    if (!(name in context.extraVars)) known[name] = template.render({ ...known, ...context.extraVars });
  }
  return { ...known, ...context.extraVars };
}

async function ask(run: FleetRun, member: Member, args: unknown): Promise<Answered> {
  const { play, entry, task, context } = run;
  const vars = context.hosts.get(member.name)?.vars ?? {};
  context.emit({ type: "task-started", host: member.name, play: play.name, task: task.name });
  try {
    const become = member.session.become(entry.become ?? play.become, entry.becomeUser ?? play.becomeUser);
    const host = await member.session.contact(become);
    const facts = task.facts(args, host);
    await member.session.gather(Object.values(facts), become);
    const scope = { session: member.session, context, task: task.name, become, timeout: undefined, isSecret: false };
    const values = await valuesOf(facts, {}, scope, new Prediction("input"));
    return [member.name, { kind: "answered", host, facts: { ...values.facts }, vars }];
  } catch (error) {
    finish(run, member, lost(error));
    return [member.name, { kind: "unreachable", reason: messageOf(error), vars }];
  }
}

function lost(error: unknown): Outcome {
  if (error instanceof ConnectError) return { verdict: "unreachable", reason: `${error.reason}: ${error.message}`, steps: [] };
  if (error instanceof KofleetError) return { verdict: "failed", reason: error.message, steps: [] };
  throw error;
}

function settle(run: FleetRun, member: Member, decision: Decision): void {
  if (member.isOver) return;
  member.set(decision.vars.get(member.name) ?? {});
  const stopped = decision.stops.get(member.name);
  const skipped = decision.skips.get(member.name);
  if (stopped) finish(run, member, { verdict: stopped.verdict, reason: stopped.reason, steps: [] });
  else if (skipped === undefined) finish(run, member, { verdict: "ok", steps: [] });
  else {
    finish(run, member, { verdict: "skipped", reason: skipped, steps: [] });
    member.leaveOut();
  }
}

function finish({ play, task, context }: FleetRun, member: Member, outcome: Outcome): void {
  member.add(outcome);
  context.emit({ type: "task-finished", host: member.name, play: play.name, task: task.name, outcome, milliseconds: 0 });
}
