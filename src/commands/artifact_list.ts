import pLimit from "p-limit";
import type { SignatureState } from "../core/input.ts";
import { type ArtifactRow, artifactsTable } from "../report/artifacts_table.ts";
import type { LocalStore } from "../store/artifacts.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { contentsOf } from "./artifact_choice.ts";
import { openStore } from "./artifact_store.ts";
import type { Console } from "./console.ts";
import { screenOf } from "./screen.ts";

/** The options of all commands over the store. */
export interface StoreOptions {
  readonly json?: boolean;
  readonly color: boolean;
}

/** Processes of ssh-keygen at once. */
const checksAtOnce = 4;

/** `kofleet artifacts list`: what the store has; folders that are damaged are told on stderr. */
export async function listArtifacts(options: StoreOptions, console: Console): Promise<number> {
  const store = await openStore(console);
  const { artifacts, damaged } = await contentsOf(store);
  for (const { problem } of damaged) console.error.write(`warning: ${problem}\n`);
  const limit = pLimit(checksAtOnce);
  const rows = await Promise.all(artifacts.map((files) => limit(() => rowOf(files, store))));
  if (options.json) for (const row of rows) console.out.write(`${JSON.stringify(row)}\n`);
  else if (rows.length > 0) console.out.write(`${artifactsTable(rows, screenOf(console.out, console, options))}\n`);
  else console.error.write(`no artifacts in ${store.folder}\n`);
  return 0;
}

const rowOf = async (files: StoredFiles, store: LocalStore): Promise<ArtifactRow> => ({
  name: files.name,
  provenance: files.provenance,
  signature: await store.signatureOf(files),
});

/** A signature's state in a word or two. */
export const describeSignature = (state: SignatureState): string => {
  if (state.kind === "holds") return `by ${state.signer}`;
  return state.kind === "unsigned" ? "no" : `${state.kind}: ${state.problem}`;
};
