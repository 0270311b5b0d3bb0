import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { artifactName, type Provenance } from "../core/artifact.ts";
import { KofleetError } from "../core/error.ts";
import { ifAbsent } from "./absent.ts";
import { writeAtomically } from "./atomic_write.ts";
import { fileNames, provenanceFile, readStoredFiles, type StoredFiles } from "./stored_files.ts";

/** All of one artifact. */
export interface ArtifactParts {
  readonly provenance: Provenance;
  /** The provenance's file to the byte. */
  readonly text: string;
  /** Uncompressed. */
  readonly module: Uint8Array;
  readonly log?: Uint8Array | string;
  readonly signature?: string;
}

type File = readonly [name: string, bytes: Uint8Array | string];

function filesOf({ provenance, text, module, log, signature }: ArtifactParts): readonly File[] {
  const names = fileNames(provenance, text);
  return [
    [names.module, module],
    ...(log === undefined ? [] : [[names.log, log] as const]),
    ...(signature === undefined ? [] : [[names.signature, signature] as const]),
  ];
}

const isThere = (path: string): Promise<boolean> => stat(path).then(() => true, ifAbsent(false));

/** Puts every file in place; false where somebody took one away meanwhile. */
async function putOnce(home: string, text: string, files: readonly File[]): Promise<boolean> {
  await mkdir(home, { recursive: true });
  for (const [name, bytes] of files) await writeAtomically(join(home, name), bytes);
  await writeAtomically(join(home, provenanceFile), text);
  const names = [...files.map(([name]) => name), provenanceFile];
  return (await Promise.all(names.map((name) => isThere(join(home, name))))).every(Boolean);
}

/** How often one that prunes the same folder at the same time may be in the way. */
const attempts = 20;

/** Puts an artifact into its folder of the store: first what the provenance names, then the provenance, and again where a prune that ran beside it took something. */
export async function putArtifact(store: string, parts: ArtifactParts): Promise<StoredFiles> {
  const home = join(store, artifactName(parts.provenance));
  const files = filesOf(parts);
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const isWhole = await putOnce(home, parts.text, files).catch(ifAbsent(false));
    const stored = isWhole ? await readStoredFiles(home) : undefined;
    if (stored !== undefined) return stored;
  }
  throw new KofleetError(`${home} is removed as often as it is written: is another kofleet pruning there?`);
}
