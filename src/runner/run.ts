import pLimit from "p-limit";
import type { Play, TaskEntry } from "../config/play.ts";
import { ConfigError } from "../core/error.ts";
import type { HostResult } from "../core/outcome.ts";
import { isFleetTask } from "../core/task.ts";
import { splitBatches } from "./batches.ts";
import { FailureBudget } from "./budget.ts";
import type { RunContext } from "./context.ts";
import { runEntry } from "./entry_run.ts";
import { type EarlyEnd, exitCodeOf } from "./exit_code.ts";
import { runFleetTask } from "./fleet_run.ts";
import { Member } from "./member.ts";
import { Prediction } from "./prediction.ts";
import { HostSession } from "./session.ts";

/** How a run came out: a result for every host that was touched. */
export interface RunResult {
  readonly results: readonly HostResult[];
  /** Hosts that were to be touched and were not, because the run ended early. */
  readonly untouched: readonly string[];
  readonly exitCode: number;
}

/** Runs plays over their hosts, one play after the other. `upTo: "confirm"` ends before the first play that would ask. */
export async function runPlays(plays: readonly Play[], context: RunContext, upTo: "end" | "confirm" = "end"): Promise<RunResult> {
  const run = new Run(context);
  try {
    for (const play of plays) {
      if (play.confirm && (upTo === "confirm" || !(await run.isAgreed(play)))) break;
      await run.play(play);
      if (run.early) break;
    }
    return run.result();
  } finally {
    await run.close();
  }
}

/** The state of one run. */
class Run {
  early: EarlyEnd | undefined;
  readonly #context: RunContext;
  readonly #members: ReadonlyMap<string, Member>;
  readonly #inputPredictions = new Prediction("input");
  readonly #budget: FailureBudget;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #wanted = new Set<string>();
  #waves: readonly (readonly string[])[] = [];

  constructor(context: RunContext) {
    this.#context = context;
    this.#limit = pLimit(context.forks);
    this.#budget = new FailureBudget(context.failureLimit, context.select("all").length);
    this.#members = new Map([...context.hosts].map(([name, host]) => [name, new Member(new HostSession(name, host, context))]));
  }

  async isAgreed(play: Play): Promise<boolean> {
    const agreed = this.#context.isCheck || (await this.#context.confirm(play));
    if (!agreed) this.early = this.#context.interrupt.isStopping ? "interrupted" : "declined";
    return agreed;
  }

  async play(play: Play): Promise<void> {
    const hosts = this.#context.select(play.hosts).filter((name) => !this.#member(name).isOver);
    this.#context.emit({ type: "play-started", play: play.name, hosts });
    for (const host of play.serial === "waves" ? this.#waves.flat() : hosts) this.#wanted.add(host);
    const batches = splitBatches(hosts, play.serial, this.#waves);
    for (const [index, batch] of batches.entries()) {
      if (batches.length > 1)
        this.#context.emit({ type: "batch-started", play: play.name, batch: index + 1, batches: batches.length, hosts: batch });
      await this.#batch(play, batch);
      this.#lookAtBudget(play);
      if (this.early) return;
    }
  }

  result(): RunResult {
    const results = [...this.#members.values()].flatMap((member) => member.result ?? []);
    const touched = new Set(results.map(({ host }) => host));
    const untouched = this.early === undefined ? [] : [...this.#wanted].filter((host) => !touched.has(host));
    return { results, untouched, exitCode: exitCodeOf(results, this.early) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.session.close()));
  }

  /** Hosts of a batch go on independently of each other, up to a fleet task or a `run_once`, where they wait for each other. */
  async #batch(play: Play, names: readonly string[]): Promise<void> {
    const members = names.map((name) => this.#member(name));
    for (const segment of segmentsOf(play.tasks)) {
      const [first] = segment;
      if (first && isFleetTask(first.task)) await this.#decide(play, first, members);
      else if (first?.runOnce) await this.#once(play, first, members);
      else await this.#forEach(members, (member) => this.#tasks(play, segment, member));
      if (this.early) return;
    }
  }

  async #decide(play: Play, entry: TaskEntry, members: readonly Member[]): Promise<void> {
    if (!isFleetTask(entry.task)) return;
    const forEach = <T>(hosts: readonly Member[], work: (member: Member) => Promise<T>) => this.#forEach(hosts, work);
    const decision = await runFleetTask({ play, entry, task: entry.task, members, context: this.#context, forEach });
    this.#waves = decision.waves;
    for (const { name, result } of members) {
      if (result?.verdict === "unreachable" || result?.verdict === "failed") this.#budget.spend(name);
    }
  }

  async #once(play: Play, entry: TaskEntry, members: readonly Member[]): Promise<void> {
    const [first, ...others] = members.filter((member) => !member.isOver);
    if (!first) return;
    await this.#tasks(play, [entry], first);
    if (!entry.register) return;
    for (const other of others) other.set({ [entry.register]: first.vars[entry.register] });
  }

  async #tasks(play: Play, entries: readonly TaskEntry[], owner: Member): Promise<void> {
    for (const [index, entry] of entries.entries()) {
      if (owner.isOver || this.#isStopping()) return;
      if (isFleetTask(entry.task)) return;
      const rest = entries.slice(index + 1);
      const findMember = (name: string) => this.#member(name);
      await runEntry({
        play,
        entry,
        task: entry.task,
        owner,
        context: this.#context,
        inputPredictions: this.#inputPredictions,
        rest,
        findMember,
      });
      if (owner.isOver) this.#budget.spend(owner.name);
    }
  }

  /** Hosts that were not started yet stay untouched once the run is to end. */
  async #forEach<T>(members: readonly Member[], work: (member: Member) => Promise<T>): Promise<T[]> {
    const results = await Promise.all(
      members.map((member) =>
        this.#limit(async () => (member.isOver || this.#isStopping() || this.#isOverBudget() ? undefined : { value: await work(member) })),
      ),
    );
    return results.flatMap((result) => (result ? [result.value] : []));
  }

  #isOverBudget(play?: Play): boolean {
    return this.#budget.isExceededBy(play?.maxFailPercentage, this.#context.select("all").length);
  }

  #lookAtBudget(play: Play): void {
    if (this.#isOverBudget(play)) this.early ??= "budget";
  }

  #isStopping(): boolean {
    if (this.#context.interrupt.isStopping) this.early = "interrupted";
    return this.#context.interrupt.isStopping;
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (member) return member;
    throw new ConfigError(`"${name}" is not a host of this inventory`);
  }
}

/** Runs of entries that a host does on its own; fleet tasks and `run_once` stand alone. */
function segmentsOf(entries: readonly TaskEntry[]): TaskEntry[][] {
  const segments: TaskEntry[][] = [];
  for (const entry of entries) {
    const last = segments.at(-1);
    if (last && !isBarrier(entry) && !last.some(isBarrier)) last.push(entry);
    else segments.push([entry]);
  }
  return segments;
}

const isBarrier = (entry: TaskEntry): boolean => entry.runOnce || isFleetTask(entry.task);
