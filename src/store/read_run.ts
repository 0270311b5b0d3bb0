import { readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { KofleetError } from "../core/error.ts";
import type { TimedEvent } from "../core/event.ts";
import { ifAbsent } from "./absent.ts";
import { parseEvent } from "./event_schema.ts";
import { problemOf } from "./problem.ts";
import { isRunId } from "./run_id.ts";

/** A run, read back from its journal. */
export interface RecordedRun {
  readonly id: string;
  readonly folder: string;
  readonly events: readonly TimedEvent[];
  /** Absent where the run ended before it had one. */
  readonly plan?: unknown;
}

/** Reads the run with this id, or the last one begun for "latest". Throws a KofleetError where there is none, or its journal is damaged. */
export async function readRun(runs: string, id: string): Promise<RecordedRun> {
  if (id !== "latest" && !isRunId(id))
    throw new KofleetError(`"${id}" is no run's id; one looks like 20261122-201530-4f3a, or is "latest"`);
  const folder = await realpath(join(runs, id)).catch(ifAbsent(undefined));
  if (folder === undefined) throw new KofleetError(`there is no run ${id} in ${runs}`);
  const plan = await readFile(join(folder, "plan.json"), "utf8").catch(ifAbsent(undefined));
  return {
    id: basename(folder),
    folder,
    events: readEvents(await readFile(join(folder, "events.jsonl"), "utf8"), join(folder, "events.jsonl")),
    ...(plan === undefined ? {} : { plan: JSON.parse(plan) }),
  };
}

/** What follows the last line end is the event in whose middle kofleet died. */
function readEvents(text: string, file: string): readonly TimedEvent[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      return parseEvent(JSON.parse(line));
    } catch (cause) {
      throw new KofleetError(`${file}:${index + 1}: not an event of kofleet: ${problemOf(cause)}`, { cause });
    }
  });
}
