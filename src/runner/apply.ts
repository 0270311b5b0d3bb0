import type { Answer } from "../core/answer.ts";
import type { Provenance } from "../core/artifact.ts";
import type { Become, StepAnswer } from "../core/connection.ts";
import { StepError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import type { Control } from "../core/input.ts";
import { lastLines } from "../core/printable.ts";
import { type Destination, describeStep, type Step } from "../core/step.ts";
import { isOtherCompiler } from "../kernel/compiler.ts";
import { examine } from "../tasks/examined_modules.ts";
import type { RunContext } from "./context.ts";
import { distinct, type HostSession } from "./session.ts";

/** Seconds that a step may take where nobody says otherwise; detached ones build, install and pack. */
const stepTimeout = 600;
const detachedTimeout = 3600;
/** Lines of a failed command that people are shown. */
const shownLines = 12;

/** What applying steps needs to know of the task they belong to. */
export interface TaskScope {
  readonly session: HostSession;
  readonly context: RunContext;
  readonly task: string;
  readonly become: Become | undefined;
  readonly timeout: number | undefined;
  readonly isSecret: boolean;
}

/** A step that failed on the host: what people are shown, and where the whole is. */
export interface StepFailure {
  readonly reason: string;
  readonly answer: Answer;
  readonly output: { readonly tail: string; readonly file?: string };
}

/** What came of applying steps: the last step's answer, and the failure that ended them early. */
export interface Applied {
  readonly last: Answer | undefined;
  readonly failure?: StepFailure;
}

/** Applies steps in one round trip, which carries the questions of the facts too; their answers land in the session's cache. */
export async function applySteps(scope: TaskScope, steps: readonly Step[], facts: readonly Fact<unknown>[]): Promise<Applied> {
  const asked = distinct(facts);
  const questions = asked.map((fact) => fact.command);
  const { steps: answers, answers: replies } = await scope.session.ask(
    { steps, questions },
    scope.become,
    timeoutOf(scope, steps),
    progress(scope, steps),
  );
  const files = answers.map((answer, index) => report(scope, steps[index] as Step, answer));
  const failed = answers.findIndex((answer, index) => !isSuccess(steps[index] as Step, answer));
  if (failed < 0) await storeFetched(scope, steps, answers);
  // Their age counts from here: what was fetched may have taken its time to be kept, and nothing was done on the host meanwhile.
  asked.forEach((fact, index) => {
    scope.session.facts.store(fact, scope.become?.user ?? "", replies[index] as Answer);
  });
  if (failed >= 0) return failure(steps[failed] as Step, answers[failed] as StepAnswer, files[failed], scope.isSecret);
  return { last: answers.at(-1) };
}

const timeoutOf = (scope: TaskScope, steps: readonly Step[]): number =>
  scope.timeout ?? steps.reduce((sum, step) => sum + (step.timeout ?? (step.detached ? detachedTimeout : stepTimeout)), 0);

const progress = ({ session, context, task, isSecret }: TaskScope, steps: readonly Step[]) => ({
  onStep: (index: number) => {
    const step = steps[index];
    if (step) context.emit({ type: "step-started", host: session.name, task, step: describeStep(step) });
  },
  onLine: (_: number, line: string) => {
    if (!isSecret) context.emit({ type: "step-output", host: session.name, task, line });
  },
});

const isSuccess = (step: Step, answer: Answer): boolean => (step.kind === "run" ? (step.codes ?? [0]) : [0]).includes(answer.code);

function report({ session, context, task, isSecret }: TaskScope, step: Step, answer: Answer): string | undefined {
  const text = [answer.stdout, answer.stderr].filter((part) => part.trim() !== "").join("\n");
  const log = text === "" || isSecret || step.kind === "fetch" ? undefined : context.spool(session.name, task, text);
  context.emit({
    type: "step-finished",
    host: session.name,
    task,
    step: describeStep(step),
    code: answer.code,
    ...(log !== undefined && { log }),
  });
  return log;
}

function failure(step: Step, answer: Answer, file: string | undefined, isSecret: boolean): Applied {
  const said = answer.stderr.trim() === "" ? answer.stdout : answer.stderr;
  const tail = isSecret ? "" : lastLines(said, shownLines);
  const last = tail.split("\n").at(-1) ?? "";
  const reason = `${describeStep(step)}: exit code ${answer.code}${last === "" ? "" : `: ${last}`}`;
  return { last: answer, failure: { reason, answer, output: { tail, ...(file !== undefined && { file }) } } };
}

/** What fetches bring goes where they say; an artifact with its log, which is what its step prints. */
async function storeFetched({ context, session }: TaskScope, steps: readonly Step[], answers: readonly StepAnswer[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const answer = answers[index];
    if (step.kind !== "fetch" || step.into === undefined || answer === undefined) continue;
    if (answer.bytes === undefined) throw new StepError(`nothing came of fetching ${step.path}`, { stderr: answer.stderr });
    const warning = await store(step.into, answer.bytes, answer.stdout === "" ? undefined : answer.stdout, context.control);
    if (warning !== undefined) context.emit({ type: "warning", host: session.name, message: warning });
  }
}

/** Returns a warning where people should know of what was stored. */
async function store(into: Destination, bytes: Uint8Array, log: string | undefined, control: Control): Promise<string | undefined> {
  switch (into.kind) {
    case "artifact": {
      const module = await examine(control, bytes);
      const { provenance } = await control.artifacts.add(compiledBy(into.provenance, module.compiler), bytes, log);
      return otherCompiler(provenance);
    }
    case "examination":
      await examine(control, bytes);
      return undefined;
    case "evidence":
      await control.kernels.add(into.origin, bytes);
      return undefined;
    default:
      return into satisfies never;
  }
}

/** A provenance with the compiler that the module itself names: kernels choose among those that a builder has. */
const compiledBy = (provenance: Provenance, compiler: string | undefined): Provenance =>
  compiler === undefined || provenance.origin.kind !== "built" ? provenance : { ...provenance, origin: { ...provenance.origin, compiler } };

function otherCompiler({ module, kernel, origin }: Provenance): string | undefined {
  const { compiler = "", kernelCompiler = "" } = origin.kind === "built" ? origin : {};
  if (!isOtherCompiler(compiler, kernelCompiler)) return undefined;
  return `${module} was compiled with "${compiler}" for ${kernel}, which was compiled with "${kernelCompiler}": have the same major version of the compiler on the builder`;
}
