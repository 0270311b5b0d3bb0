import type { Answer, Argv } from "../../src/core/answer.ts";
import type { Batch, BatchAnswers, Connect, Connection, StepAnswer } from "../../src/core/connection.ts";
import { ConnectError } from "../../src/core/error.ts";
import { describeStep, type Step } from "../../src/core/step.ts";
import { hostProfile } from "../../src/facts/profile.ts";
import { unfinishedJobs } from "../../src/remote/detached.ts";

export const firstBoot = "11111111-2222-3333-4444-555555555555";
export const ok = (stdout = ""): Answer => ({ code: 0, stdout, stderr: "" });

/** What a Debian host answers to the question for its profile. */
const profileText = (boot: string): string => `boot ${boot}
uname scripted 6.1.0-50-cloud-amd64 x86_64
modules /usr/lib/modules
os ID=debian
os VERSION_ID="12"
os PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
end
`;

/** A host of a test: it knows answers to questions and effects of steps, and refuses all it wasn't told. */
export interface Script {
  /** What it answers, by the words of the command joined with blanks. */
  readonly answers: Map<string, () => Answer>;
  /** What a step does, by its description. */
  readonly effects: Map<string, () => Answer>;
  /** Boot ids of the first contacts; `firstBoot` afterwards. */
  boots?: string[];
  /** How often a connection is refused before one is opened. */
  refusals?: ConnectError[];
  /** Steps at which the connection is lost, by description; each once. */
  readonly cuts?: Set<string>;
}

/** What was done on a scripted host, in order. */
export interface Record {
  readonly log: string[];
  batches: number;
  connections: number;
}

const key = (argv: Argv): string => argv.join(" ");

/** A fleet of scripted hosts behind one `Connect`. */
export function scriptedFleet(scripts: ReadonlyMap<string, Script>): {
  readonly connect: Connect;
  readonly records: ReadonlyMap<string, Record>;
} {
  const records = new Map([...scripts.keys()].map((name): [string, Record] => [name, { log: [], batches: 0, connections: 0 }]));
  const connect: Connect = async ({ name }) => {
    const [script, record] = [scripts.get(name)!, records.get(name)!];
    const refusal = script.refusals?.shift();
    if (refusal) throw refusal;
    record.connections += 1;
    return scriptedConnection(script, record);
  };
  return { connect, records };
}

function scriptedConnection(script: Script, record: Record): Connection {
  const answer = (argv: Argv): Answer => {
    if (key(argv) === key(hostProfile.command)) return ok(profileText(script.boots?.shift() ?? firstBoot));
    if (key(argv) === key(unfinishedJobs())) return script.answers.get("jobs")?.() ?? ok();
    const known = script.answers.get(key(argv));
    if (!known) throw new Error(`this host wasn't told what to answer to: ${key(argv)}`);
    return known();
  };
  const apply = (step: Step): StepAnswer => {
    const title = describeStep(step);
    record.log.push(title);
    if (script.cuts?.delete(title)) throw new ConnectError("lost", "the connection was lost");
    const effect = script.effects.get(title);
    if (!effect) throw new Error(`this host wasn't told what this step does: ${title}`);
    return effect();
  };
  const ask = async ({ steps, questions }: Batch): Promise<BatchAnswers> => {
    record.batches += 1;
    const done: StepAnswer[] = [];
    for (const step of steps) {
      done.push(apply(step));
      if (done.at(-1)?.code !== 0) break;
    }
    return { steps: done, answers: questions.map(answer) };
  };
  return { ask, exec: async (argv) => answer(argv), execs: 0, close: async () => undefined };
}
