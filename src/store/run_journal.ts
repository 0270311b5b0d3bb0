import { closeSync, mkdirSync, openSync, renameSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { KofleetError, messageOf } from "../core/error.ts";
import type { TimedEvent } from "../core/event.ts";
import { runIds } from "./run_id.ts";
import { createSpool } from "./spool.ts";

/** The written memory of one run. A disk that fails does not fail the run: it is told once, and nothing more is written. */
export interface RunJournal {
  readonly id: string;
  readonly folder: string;
  /** Keeps what the run is about to do, as `plan.json`. */
  plan(plan: unknown): void;
  /** Appends an event to `events.jsonl`; handed to the system before it returns, so that it outlives a crash of kofleet. */
  write(event: TimedEvent): void;
  /** Keeps a long output of a host; returns the file's path, or nothing where it could not be written. */
  spool(host: string, task: string, text: string): string | undefined;
  close(): void;
}

/** What a journal needs from outside. `random` is at least 0 and below 1. */
export interface JournalSources {
  now(): Date;
  random(): number;
  /** Hears, once, that the journal can't be written any more. */
  warn(message: string): void;
}

/** Begins a journal in a folder of its own below `runs`, readable by its user alone, and points the link `latest` at it. Throws where that fails. */
export function createRun(runs: string, sources: JournalSources): RunJournal {
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  const id = claimId(runs, sources);
  const folder = join(runs, id);
  pointLatest(runs, id);
  const events = openSync(join(folder, "events.jsonl"), "a", 0o600);
  const spool = createSpool(join(folder, "outputs"));
  const attempt = giveUpAfterFailure((error) => sources.warn(`the journal ${folder} can't be written any more: ${messageOf(error)}`));

  return {
    id,
    folder,
    plan: (plan) => attempt(() => writeFileSync(join(folder, "plan.json"), `${JSON.stringify(plan, undefined, 2)}\n`, { mode: 0o600 })),
    write: (event) => attempt(() => void writeSync(events, `${JSON.stringify(event)}\n`)),
    spool: (host, task, text) => attempt(() => spool(host, task, text)),
    close: () => closeSync(events),
  };
}

/** Makes the folder of the first id that no other run has. */
function claimId(runs: string, { now, random }: JournalSources): string {
  for (const id of runIds(now(), random())) {
    if (makesFolder(join(runs, id))) return id;
  }
  throw new KofleetError(`no id is left for another run of this second in ${runs}`);
}

function makesFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Replaces the link in one step: two runs may begin at once. */
function pointLatest(runs: string, id: string): void {
  const beside = join(runs, `.latest-${id}`);
  symlinkSync(id, beside);
  renameSync(beside, join(runs, "latest"));
}

function giveUpAfterFailure(tell: (error: unknown) => void): <T>(action: () => T) => T | undefined {
  let hasFailed = false;
  return (action) => {
    if (hasFailed) return undefined;
    try {
      return action();
    } catch (error) {
      hasFailed = true;
      tell(error);
      return undefined;
    }
  };
}
