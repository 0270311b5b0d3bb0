import type { TaskEntry } from "../config/play.ts";
import { ConnectError, KofleetError, messageOf } from "../core/error.ts";
import type { Fact, FactMap } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import type { InputMap } from "../core/input.ts";
import type { Outcome } from "../core/outcome.ts";
import { changeInput, describeStep, type Step, unknown } from "../core/step.ts";
import type { AnyTask, Stop } from "../core/task.ts";
import { applySteps, type StepFailure, type TaskScope } from "./apply.ts";
import { tellDiffs } from "./diff.ts";
import type { Prediction } from "./prediction.ts";
import { UnknownValue } from "./prediction.ts";
import { reboot } from "./reboot.ts";
import { type PlanValues, valuesOf } from "./values.ts";

/** Times a task goes on after its host was lost and found again. */
const attempts = 3;

/** A task with its arguments, ready for one host. */
export interface BoundTask {
  readonly entry: TaskEntry;
  readonly task: AnyTask;
  readonly args: unknown;
  readonly scope: TaskScope;
  /** Predictions of the run's inputs. */
  readonly inputPredictions: Prediction;
  /** Facts of the tasks behind it, to be asked in the same round trip: of the next task, and of all. */
  readonly next: () => readonly Fact<unknown>[];
  readonly following: () => readonly Fact<unknown>[];
}

interface Planned {
  readonly steps: readonly Step[];
  readonly stop?: Stop;
  readonly unknown?: UnknownValue;
  readonly facts: FactMap;
  readonly values: PlanValues;
}

/** Brings one thing on one host into its state: ask, plan, apply, ask again, plan again. A host's failure is an outcome. */
export async function runTask(bound: BoundTask): Promise<Outcome> {
  try {
    return await persist(bound);
  } catch (error) {
    if (error instanceof UnknownValue) return { verdict: "unknown", reason: error.message, steps: [] };
    if (error instanceof ConnectError) return { verdict: "unreachable", reason: `${error.reason}: ${error.message}`, steps: [] };
    if (error instanceof KofleetError) return { verdict: "failed", reason: error.message, steps: [] };
    return {
      verdict: "failed",
      reason: `kofleet itself failed in ${bound.task.name}: ${messageOf(error)}`,
      steps: [],
      output: { tail: String((error as Error).stack) },
    };
  }
}

/** A lost host is looked for; where it is back, the task starts again with fresh facts, which is safe because only what is missing is planned. */
async function persist(bound: BoundTask): Promise<Outcome> {
  const isAction = bound.task.action?.(bound.args) === true;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(bound, isAction);
    } catch (error) {
      if (!(error instanceof ConnectError && error.reason === "lost") || attempt === attempts) throw error;
      if (isAction)
        throw new ConnectError("lost", `the connection was lost while "${bound.scope.task}" ran; it is not run twice: look at the host`, {
          cause: error,
        });
      bound.scope.context.emit({ type: "retrying", host: bound.scope.session.name, reason: error.message, attempt });
      await bound.scope.session.recontact(bound.scope.become);
    }
  }
}

async function once(bound: BoundTask, isAction: boolean): Promise<Outcome> {
  const host = await bound.scope.session.contact(bound.scope.become);
  const planned = await plan(bound, host);
  const turns = planned.steps.flatMap(({ turn }) => turn ?? []);
  if (turns.length === 0 || bound.scope.context.isCheck) return carryOut(bound, host, planned, isAction);
  return bound.scope.context.turns.take(turns, async () => carryOut(bound, host, await plan(bound, host), isAction));
}

/** Does what was planned. */
async function carryOut(bound: BoundTask, host: Host, planned: Planned, isAction: boolean): Promise<Outcome> {
  const titles = planned.steps.map(describeStep);
  if (planned.stop) return stopped(planned.stop, []);
  if (bound.scope.context.isDiff) await tellDiffs(bound.scope, planned.steps);
  if (bound.scope.context.isCheck && !isReading(planned)) return predict(bound, planned, titles);
  if (planned.unknown) throw planned.unknown;
  if (planned.steps.length === 0) return { verdict: "ok", steps: [], ...resultOf(bound, planned) };
  return isAction ? act(bound, planned, titles) : converge(bound, host, planned, titles);
}

/** Asks what the task wants to know, and lets it plan. Where one answer is stale all are asked, so that they tell of one moment. */
async function plan(bound: BoundTask, host: Host): Promise<Planned> {
  const { task, args, scope } = bound;
  const facts = task.facts(args, host);
  const own = Object.values(facts);
  const isFresh = own.every((fact) => scope.session.facts.find(fact, scope.become?.user ?? "") !== undefined);
  if (!isFresh) await scope.session.gather([...own, ...bound.following()], scope.become);
  return planWith(bound, facts, host);
}

async function planWith(bound: BoundTask, facts: FactMap, host: Host): Promise<Planned> {
  const { task, args, scope } = bound;
  const inputs: InputMap = task.inputs?.(args, host) ?? {};
  const values = await valuesOf(facts, inputs, scope, bound.inputPredictions);
  const steps: Step[] = [];
  const planning = task.plan(args, values.facts, values.inputs, host);
  try {
    for (;;) {
      const { done, value } = planning.next();
      if (done) return { steps, facts, values, ...(value && { stop: value }) };
      steps.push(scope.isSecret ? { ...value, title: "a step with a secret" } : value);
    }
  } catch (error) {
    if (error instanceof UnknownValue) return { steps, facts, values, unknown: error };
    throw error;
  }
}

/** Check mode: what would happen is remembered for the tasks behind, and nothing is applied. */
function predict(bound: BoundTask, planned: Planned, titles: readonly string[]): Outcome {
  for (const step of planned.steps) {
    bound.scope.session.predictions.record(step);
    bound.inputPredictions.record(step);
  }
  if (planned.unknown) {
    predictUnknown(bound, planned.unknown);
    return { verdict: "unknown", reason: planned.unknown.message, steps: titles };
  }
  if (titles.length > 0) return { verdict: "changed", steps: titles };
  return { verdict: "ok", steps: [], ...resultOf(bound, planned) };
}

/** A plan that is unknown may change anything on its host, and all that it feeds. */
function predictUnknown({ task, args, scope, inputPredictions }: BoundTask, { waitsFor: title }: UnknownValue): void {
  scope.session.predictions.record({ kind: "run", argv: ["true"], title });
  const changes = (task.feeds?.(args) ?? []).map((input) => changeInput(input, () => unknown));
  inputPredictions.record({ kind: "run", argv: ["true"], title, changes });
}

/** An action is applied once; what it printed is its result. */
async function act(bound: BoundTask, planned: Planned, titles: readonly string[]): Promise<Outcome> {
  const restart = planned.steps.find((step) => step.kind === "reboot");
  if (restart) return reboot(bound.scope, restart, titles);
  const { last, failure } = await applySteps(bound.scope, planned.steps, bound.next());
  const result = { code: last?.code, stdout: last?.stdout.trimEnd(), stderr: last?.stderr.trimEnd() };
  return failure ? { ...failed(failure, titles), result } : { verdict: "changed", steps: titles, result };
}

/** Applies, asks again and plans again: a step that is left over is a failure. */
async function converge(bound: BoundTask, host: Host, planned: Planned, titles: readonly string[]): Promise<Outcome> {
  const { failure } = await applySteps(bound.scope, planned.steps, [...Object.values(planned.facts), ...bound.next()]);
  if (failure) return failed(failure, titles);
  const again = await planWith(bound, planned.facts, host);
  if (again.stop) return stopped(again.stop, titles);
  const [left] = again.steps;
  if (left)
    return { verdict: "failed", reason: `did not converge: "${describeStep(left)}" is still needed after it was done`, steps: titles };
  return { verdict: isReading(planned) ? "ok" : "changed", steps: titles, ...resultOf(bound, again) };
}

/** Whether all that is to be done is to look into files: that changes nothing, neither there nor here. */
const isReading = ({ steps }: Planned): boolean =>
  steps.length > 0 && steps.every((step) => step.kind === "fetch" && step.into?.kind === "examination");

const stopped = ({ verdict, reason, result }: Stop, steps: readonly string[]): Outcome => ({
  verdict,
  reason,
  steps,
  ...(result !== undefined && { result }),
});

const failed = ({ reason, output }: StepFailure, steps: readonly string[]): Outcome => ({ verdict: "failed", reason, steps, output });

function resultOf({ task, args, scope }: BoundTask, { values }: Planned): { readonly result?: unknown } {
  return task.result ? { result: task.result(args, values.facts, values.inputs, scope.session.profile) } : {};
}
