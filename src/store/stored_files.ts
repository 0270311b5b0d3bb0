import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Provenance } from "../core/artifact.ts";
import { ifAbsent } from "./absent.ts";
import { digestOf } from "./digest.ts";
import { parseProvenance } from "./provenance.ts";

/** One artifact as it lies in the store. */
export interface StoredFiles {
  /** Its folder. */
  readonly home: string;
  /** The folder's name: `artifactName` of its key. */
  readonly name: string;
  readonly provenance: Provenance;
  /** The provenance's file to the byte, which is what is signed. */
  readonly text: string;
  /** The module file. */
  readonly path: string;
  readonly log?: string;
  readonly signature?: string;
  /** When it came into the store. */
  readonly storedAt: Date;
}

/** The file that makes what lies beside it count. */
export const provenanceFile = "provenance.json";

/** Names of the other files: by their own digests, but for logs of the first schema and for signatures, which are named by what they belong to. */
export const fileNames = ({ sha256, log }: Pick<Provenance, "sha256" | "log">, text: string) => ({
  module: `${sha256}.ko`,
  log: `${log ?? sha256}.log`,
  signature: `${digestOf(Buffer.from(text)).sha256}.sig`,
});

/** What lies in an artifact's folder; nothing where none was finished there. Throws a ProofError where its provenance is none. */
export async function readStoredFiles(home: string): Promise<StoredFiles | undefined> {
  const file = join(home, provenanceFile);
  const text = await readFile(file, "utf8").catch(ifAbsent(undefined));
  const found = await stat(file).catch(ifAbsent(undefined));
  if (text === undefined || found === undefined) return undefined;
  const provenance = parseProvenance(text, file, "remove that folder; the artifact will be built again");
  const names = fileNames(provenance, text);
  const [log, signature] = await Promise.all([names.log, names.signature].map((name) => pathIfThere(join(home, name))));
  return {
    home,
    name: basename(home),
    provenance,
    text,
    path: join(home, names.module),
    ...(log !== undefined && { log }),
    ...(signature !== undefined && { signature }),
    storedAt: found.mtime,
  };
}

const pathIfThere = (path: string): Promise<string | undefined> => stat(path).then(() => path, ifAbsent(undefined));
