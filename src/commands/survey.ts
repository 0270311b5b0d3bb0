import pLimit from "p-limit";
import type { Become } from "../core/connection.ts";
import { ConnectError, FactError, KofleetError } from "../core/error.ts";
import type { FactMap } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import { lastLines } from "../core/printable.ts";
import type { FetchStep } from "../core/step.ts";
import type { Values } from "../core/task.ts";
import type { RunContext } from "../runner/context.ts";
import { HostSession } from "../runner/session.ts";

/** What one host answered, or why it did not. */
export type Asked<T> = { readonly name: string } & (
  | { readonly answer: T }
  | { readonly verdict: "unreachable" | "failed"; readonly reason: string }
);

/** Asks every host, each on its own connection, within the forks. A host's failure is its answer. */
export async function surveyHosts<T>(
  names: readonly string[],
  context: RunContext,
  ask: (session: SurveySession) => Promise<T>,
): Promise<Asked<T>[]> {
  const limit = pLimit(context.forks);
  return Promise.all(names.map((name) => limit(() => surveyHost(name, context, ask))));
}

/** A host that is only asked. */
export interface SurveySession {
  readonly host: Host;
  /** Asks for facts in one round trip. Throws a FactError for an answer that cannot be read. */
  facts<F extends FactMap>(facts: F): Promise<Values<F>>;
  /** The bytes of a file. Throws a FactError where it can't be read, a StepError where it has more than `limit` bytes. */
  fetch(path: string, limit: number): Promise<Uint8Array>;
}

async function surveyHost<T>(name: string, context: RunContext, ask: (session: SurveySession) => Promise<T>): Promise<Asked<T>> {
  const runHost = context.hosts.get(name);
  if (runHost === undefined) throw new KofleetError(`"${name}" is not a host of this run`);
  const session = new HostSession(name, runHost, context);
  try {
    const become = session.become(true, undefined);
    const host = await session.contact(become);
    const fetch: SurveySession["fetch"] = (path, limit) => fetchFile({ kind: "fetch", path, limit }, session, become);
    return { name, answer: await ask({ host, facts: (facts) => session.read(facts, become), fetch }) };
  } catch (error) {
    if (error instanceof ConnectError) return { name, verdict: "unreachable", reason: `${error.reason}: ${error.message}` };
    if (error instanceof KofleetError) return { name, verdict: "failed", reason: error.message };
    throw error;
  } finally {
    await session.close();
  }
}

/** Seconds for a file of the largest size. */
const fetchTimeout = 600;

async function fetchFile(step: FetchStep, session: HostSession, become: Become | undefined): Promise<Uint8Array> {
  const { steps } = await session.ask({ steps: [step], questions: [] }, become, fetchTimeout);
  const [answer] = steps;
  if (answer?.code === 0 && answer.bytes !== undefined) return answer.bytes;
  throw new FactError(`cannot read ${step.path}: ${lastLines(answer?.stderr ?? "", 1)}`);
}
