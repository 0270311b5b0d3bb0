import { setTimeout } from "node:timers/promises";
import pRetry, { AbortError } from "p-retry";
import type { Answer } from "../core/answer.ts";
import type { AskOptions, Batch, BatchAnswers, Become, Connection } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import type { Fact, FactMap } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import type { Secret } from "../core/secret.ts";
import type { Values } from "../core/task.ts";
import { hostProfile } from "../facts/profile.ts";
import { followJob, type Job, parseUnfinishedJobs, unfinishedJobs } from "../remote/detached.ts";
import type { RunContext, RunHost } from "./context.ts";
import { FactCache } from "./fact_cache.ts";
import { Prediction } from "./prediction.ts";

/** Seconds for a round trip that only asks. */
const askTimeout = 120;
/** Seconds to wait for what an earlier connection began. */
const jobTimeout = 3600;
/** Times a lost host is looked for again, after the first. */
const reconnects = 4;
/** Milliseconds before a host is contacted again that was lost while a job on it was waited for. */
const pause = 1000;

/** What a round trip tells while it is under way. */
export type Progress = Pick<AskOptions, "onLine" | "onStep">;

/** One host during one run: its connection, its profile, what it answered, and what check mode predicts of it. */
export class HostSession {
  readonly name: string;
  readonly facts: FactCache;
  readonly predictions = new Prediction("fact");
  readonly #context: RunContext;
  readonly #runHost: RunHost;
  #connection: Connection | undefined;
  #profile: Host | undefined;
  /** Lines of jobs' logs that were told, by the job's folder. */
  readonly #told = new Map<string, number>();
  #busy: Promise<unknown> = Promise.resolve();

  constructor(name: string, runHost: RunHost, context: RunContext) {
    this.name = name;
    this.#runHost = runHost;
    this.#context = context;
    this.facts = new FactCache(() => context.control.now());
  }

  /** The profile as of the last contact; throws where there was none. */
  get profile(): Host {
    if (this.#profile === undefined) throw new ConnectError("lost", `${this.name} was not contacted yet`);
    return this.#profile;
  }

  /** The rights a task asks for, as this host grants them. */
  become(wanted: boolean | undefined, user: string | undefined): Become | undefined {
    const granted = this.#runHost.become;
    if (granted === undefined || !(wanted ?? this.#runHost.becomesByDefault)) return undefined;
    find(granted.password);
    return { ...granted, ...(user !== undefined && { user }) };
  }

  /** Runs one thing after the other on this host, also when several hosts delegate to it. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#busy.then(work, work);
    this.#busy = next.catch(() => undefined);
    return next;
  }

  /** Makes sure there is a connection and a profile; joins what an earlier connection left running. Throws a ConnectError. */
  async contact(become: Become | undefined): Promise<Host> {
    try {
      return await this.#meet(become);
    } catch (error) {
      if (error instanceof LostWhileJoining) return this.recontact(become);
      throw error;
    }
  }

  async #meet(become: Become | undefined): Promise<Host> {
    if (this.#connection && this.#profile) return this.#profile;
    this.facts.clear();
    find(this.#runHost.target.password, this.#runHost.target.privateKeyPassphrase);
    this.#connection = await this.#context.connect(this.#runHost.target, this.#context.interrupt.signal);
    const [profile, jobs] = await this.#ask([hostProfile.command, unfinishedJobs()], become);
    this.#profile = { name: this.name, ...hostProfile.parse(profile as Answer) };
    this.#context.emit({ type: "host-contacted", host: this.name, profile: this.#profile });
    for (const job of parseUnfinishedJobs(jobs as Answer)) await this.#join(job, become);
    return this.#profile;
  }

  /**
   * Looks for a host again that was lost or restarts; `isBack` may refuse what it finds. Throws the last ConnectError. A host that is found, and lost
   * again while what runs there is waited for, is there: it is looked for anew, until the job has had its time.
   */
  async recontact(become: Become | undefined, retries = reconnects, isBack: (host: Host) => boolean = () => true): Promise<Host> {
    const { signal } = this.#context.interrupt;
    for (const end = performance.now() + jobTimeout * 1000; ; ) {
      try {
        return await this.#lookFor(become, retries, isBack);
      } catch (error) {
        if (!(error instanceof LostWhileJoining) || performance.now() > end) throw error;
      }
      await setTimeout(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  async #lookFor(become: Become | undefined, retries: number, isBack: (host: Host) => boolean): Promise<Host> {
    return pRetry(
      async (attempt) => {
        await this.close();
        if (attempt > 1) this.#context.emit({ type: "retrying", host: this.name, reason: "looking for it again", attempt });
        const host = await this.#meet(become).catch((error: unknown) => {
          throw error instanceof ConnectError && (isFinal(error) || error instanceof LostWhileJoining) ? new AbortError(error) : error;
        });
        if (!isBack(host)) throw new ConnectError("lost", `${this.name} has not restarted yet`);
        return host;
      },
      { retries, minTimeout: 1000, maxTimeout: 5000, factor: 2, randomize: true, signal: this.#context.interrupt.signal },
    );
  }

  /** One round trip. Throws a ConnectError; a lost connection is given up, so that the next contact is a new one. */
  async ask(batch: Batch, become: Become | undefined, timeout = askTimeout, progress: Progress = {}): Promise<BatchAnswers> {
    if (this.#connection === undefined) throw new ConnectError("lost", `no connection to ${this.name}`);
    const { run, control, interrupt } = this.#context;
    if (batch.steps.length > 0) this.facts.clear();
    try {
      return await this.#connection.ask(batch, {
        ...(become && { become }),
        timeout,
        jobs: `/run/kofleet/${run}`,
        saved: `/var/lib/kofleet/saved/${run}`,
        contents: (sha256) => control.contents.open(sha256),
        signal: interrupt.signal,
        ...progress,
      });
    } catch (error) {
      if (error instanceof ConnectError) await this.close();
      throw error;
    }
  }

  /** Asks for facts in one round trip. */
  async gather(facts: readonly Fact<unknown>[], become: Become | undefined): Promise<void> {
    const asked = distinct(facts);
    const answers = await this.#ask(
      asked.map((fact) => fact.command),
      become,
    );
    asked.forEach((fact, index) => {
      this.facts.store(fact, become?.user ?? "", answers[index] as Answer);
    });
  }

  /** Asks for facts and reads the answers. Throws a FactError for one that cannot be read. */
  async read<F extends FactMap>(facts: F, become: Become | undefined): Promise<Values<F>> {
    await this.gather(Object.values(facts), become);
    const user = become?.user ?? "";
    const entries = Object.entries(facts).map(([key, fact]) => [key, fact.parse(this.facts.find(fact, user) as Answer)]);
    return Object.fromEntries(entries) as Values<F>;
  }

  /** Closes the connection; the next contact opens another. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #ask(questions: Batch["questions"], become: Become | undefined): Promise<readonly Answer[]> {
    return (await this.ask({ steps: [], questions }, become)).answers;
  }

  /** Waits for a job; lines that were told of it before are not told again. */
  async #join(job: Job, become: Become | undefined): Promise<void> {
    this.#context.emit({ type: "job-joined", host: this.name, title: job.title, run: job.run });
    const told = this.#told.get(job.folder) ?? 0;
    let lines = 0;
    const step = { kind: "run", argv: followJob(job.folder, told + 1), title: `wait for: ${job.title}` } as const;
    try {
      await this.ask({ steps: [step], questions: [] }, become, jobTimeout, {
        onLine: (_, line) => {
          lines += 1;
          this.#context.emit({ type: "step-output", host: this.name, task: job.title, line });
        },
      });
    } catch (error) {
      throw error instanceof ConnectError && error.reason === "lost" ? new LostWhileJoining(error) : error;
    } finally {
      this.#told.set(job.folder, told + lines);
    }
  }
}

/** A host that was lost while a job on it was waited for. */
class LostWhileJoining extends ConnectError {
  constructor(cause: ConnectError) {
    super(cause.reason, cause.message, { cause });
  }
}

/** Facts of one name are one fact. */
export const distinct = (facts: readonly Fact<unknown>[]): Fact<unknown>[] => [...new Map(facts.map((fact) => [fact.name, fact])).values()];

/** What can't be decrypted or looked up fails here, as its host's own error, and not in the middle of a prompt. */
function find(...secrets: readonly (Secret | undefined)[]): void {
  for (const secret of secrets) secret?.reveal();
}

const isFinal = (error: ConnectError): boolean => error.reason === "auth" || error.reason === "host-key" || error.reason === "sudo";
