import { readdir, readFile, rmdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { ifAbsent } from "./absent.ts";
import { fileNames, provenanceFile, readStoredFiles, type StoredFiles } from "./stored_files.ts";
import { withdraw } from "./withdraw.ts";

/** A file of the store that no provenance names. */
export interface Leftover {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Milliseconds for which replaced files stay: a rollout under way may still be handing them out. */
const settled = 24 * 60 * 60 * 1000;

/** Files of the kinds that kofleet writes; nothing else is ever removed. */
const isOurs = (name: string): boolean => /^[0-9a-f]{64}\.(?:ko|log|sig)$|\.tmp$/.test(name);

const namesOf = ({ provenance, text }: StoredFiles): ReadonlySet<string> => new Set(Object.values(fileNames(provenance, text)));

/** What an artifact's provenance names at this moment; undefined: it can't be read, so nobody knows. */
const wantedNames = (home: string): Promise<ReadonlySet<string> | undefined> =>
  readStoredFiles(home).then(
    (files) => (files === undefined ? new Set<string>() : namesOf(files)),
    () => undefined,
  );

/** Files in one artifact's folder that were replaced, or that a crash left half written, and that nobody can be using any more. */
export async function leftoversIn(home: string, now: Date): Promise<readonly Leftover[]> {
  const wanted = await wantedNames(home);
  if (wanted === undefined) return [];
  const names = (await readdir(home).catch(ifAbsent([]))).filter((name) => isOurs(name) && !wanted.has(name));
  // What replaced a file is as young as the moment since which nobody needs it.
  const replaced = await stat(join(home, provenanceFile)).then(({ mtimeMs }) => mtimeMs, ifAbsent(0));
  const found = await Promise.all(
    names.map((name) => stat(join(home, name)).then(({ size, mtimeMs }) => ({ name, size, mtimeMs }), ifAbsent(undefined))),
  );
  return found.flatMap((file) =>
    file !== undefined && now.getTime() - Math.max(file.mtimeMs, replaced) > settled
      ? [{ path: join(home, file.name), size: file.size }]
      : [],
  );
}

/** Removes a file that no provenance names, and its folder where that is empty then. Says whether it is gone. */
export async function removeLeftover({ path }: Leftover): Promise<boolean> {
  const home = join(path, "..");
  const isGone = await withdraw(path, async () => (await wantedNames(home))?.has(basename(path)) ?? true);
  await removeEmpty(home);
  return isGone;
}

/** Removes an artifact, unless another of its key took its place meanwhile. Says whether it is gone. */
export async function removeArtifact(files: StoredFiles): Promise<boolean> {
  const { home, text } = files;
  const isGone = await withdraw(join(home, provenanceFile), async (aside) => (await readFile(aside, "utf8")) !== text);
  if (isGone) for (const name of namesOf(files)) await removeLeftover({ path: join(home, name), size: 0 });
  return isGone;
}

/** Somebody may be writing there again: then it is not empty, and stays. */
async function removeEmpty(home: string): Promise<void> {
  await rmdir(home).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "ENOENT"))) throw error;
  });
}
