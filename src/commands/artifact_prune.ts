import { dirname } from "node:path";
import { count } from "../report/count.ts";
import { type PruneRow, pruneTable } from "../report/prune_table.ts";
import { useOf } from "../rollout/in_use.ts";
import { homesIn, type LocalStore } from "../store/artifacts.ts";
import { type Leftover, leftoversIn, removeArtifact, removeLeftover } from "../store/prune.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { chooseArtifacts, contentsOf } from "./artifact_choice.ts";
import { artifactStoreOf, openStore } from "./artifact_store.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { exitCodeOf } from "./facts.ts";
import { openFleet } from "./fleet.ts";
import { askUses } from "./fleet_use.ts";
import { askToGoOn } from "./run_session.ts";
import { screenOf } from "./screen.ts";

/** The options of `artifacts prune`. */
export interface PruneOptions extends CommonOptions {
  /** Days since an artifact came into the store. */
  readonly olderThan?: number;
  /** A pattern of hosts whose kernels and modules keep artifacts. */
  readonly keepRunning?: string;
  readonly yes?: boolean;
}

interface Candidates {
  readonly artifacts: readonly StoredFiles[];
  readonly leftovers: readonly Leftover[];
}

const day = 24 * 60 * 60 * 1000;

/** `kofleet artifacts prune [WHAT…]`: artifacts that are older than wanted, or that no host needs; and what no provenance names any more. Without words and options only the latter. */
export async function pruneArtifacts(words: readonly string[], options: PruneOptions, console: Console): Promise<number> {
  const fleet = options.keepRunning === undefined ? undefined : await openFleet(options, console);
  const store = fleet ? artifactStoreOf(fleet, console) : await openStore(console);
  const { artifacts, damaged } = await contentsOf(store);
  for (const { problem } of damaged) console.error.write(`warning: ${problem}\n`);
  const asked = isAsked(words, options) ? chooseArtifacts(words, artifacts).filter((files) => isOld(files, options, console)) : [];
  const modules = [...new Set(asked.map(({ provenance }) => provenance.module))];
  const uses = fleet && options.keepRunning !== undefined ? await askUses(options.keepRunning, modules, fleet, console) : [];
  for (const one of uses) if ("verdict" in one) console.error.write(`${one.name}: ${one.verdict}: ${one.reason}\n`);
  if (exitCodeOf(uses) !== 0) {
    console.error.write(
      "What these hosts need is not known, so nothing is removed: leave out of --keep-running which are gone for good.\n",
    );
    return exitCodeOf(uses);
  }
  const known = uses.flatMap((one) => ("answer" in one ? [one.answer] : []));
  const leftovers = (await Promise.all((await homesIn(store.folder)).map((home) => leftoversIn(home, console.now())))).flat();
  return prune({ artifacts: asked.filter(({ provenance }) => useOf(provenance, known) === undefined), leftovers }, options, store, console);
}

/** Nothing that counts goes unless somebody said what. */
const isAsked = (words: readonly string[], { olderThan, keepRunning }: PruneOptions): boolean =>
  words.length > 0 || olderThan !== undefined || keepRunning !== undefined;

const isOld = ({ storedAt }: StoredFiles, { olderThan }: PruneOptions, console: Console): boolean =>
  olderThan === undefined || console.now().getTime() - storedAt.getTime() > olderThan * day;

/** Shows what would go, asks, and removes it. */
async function prune(candidates: Candidates, options: PruneOptions, store: LocalStore, console: Console): Promise<number> {
  const { artifacts, leftovers } = candidates;
  const rows = rowsOf(candidates);
  if (rows.length === 0) {
    console.error.write(`nothing to remove in ${store.folder}\n`);
    return 0;
  }
  if (options.json) for (const row of rows) console.out.write(`${JSON.stringify(row)}\n`);
  else console.out.write(`${pruneTable(rows, screenOf(console.out, console, options))}\n`);
  const what = `Remove ${count(artifacts.length, "artifact")} and ${count(leftovers.length, "replaced file")} from ${store.folder}`;
  if (!(await askToGoOn(what, options, console))) return 1;
  const gone = await Promise.all([...artifacts.map(removeArtifact), ...leftovers.map(removeLeftover)]);
  console.error.write(`${gone.filter(Boolean).length} of ${gone.length} removed\n`);
  return 0;
}

const rowsOf = ({ artifacts, leftovers }: Candidates): readonly PruneRow[] => [
  ...artifacts.map(({ name, provenance: { sha256, size }, storedAt }): PruneRow => ({ kind: "artifact", name, sha256, size, storedAt })),
  ...leftovers.map(({ path, size }): PruneRow => ({ kind: "replaced", name: path.slice(dirname(dirname(path)).length + 1), size })),
];
