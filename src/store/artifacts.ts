import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import type { ArtifactStore, StoredArtifact } from "../core/input.ts";
import { ifAbsent } from "./absent.ts";
import { writeAtomically } from "./atomic_write.ts";
import { digestOf, digestOfFile } from "./digest.ts";
import { checkBytes, formatProvenance, parseProvenance } from "./provenance.ts";

/**
 * Artifacts in folders named by their keys: `SHA256.ko` and `SHA256.log` are written first, then `provenance.json`, which names them and makes them count.
 * So nobody meets half an artifact, and of two processes that add one key the later wins whole. What was replaced stays until it is pruned.
 */
export function openArtifactStore(folder: string): ArtifactStore {
  return {
    async find(key) {
      const found = await read(join(folder, artifactName(key)));
      if (found === undefined || !isSameKey(found.provenance, key)) return undefined;
      const digest = await digestOfFile(found.path).catch(ifAbsent(undefined));
      if (digest === undefined) throw new ProofError(`${found.path} is missing, though its provenance is there`);
      checkBytes(found.provenance, digest, found.path);
      return found;
    },

    async add(provenance, bytes, log) {
      checkBytes(provenance, digestOf(bytes), `the module file for ${artifactName(provenance)}`);
      const home = join(folder, artifactName(provenance));
      await mkdir(home, { recursive: true });
      const path = join(home, `${provenance.sha256}.ko`);
      await writeAtomically(path, bytes);
      if (log !== undefined) await writeAtomically(join(home, `${provenance.sha256}.log`), log);
      await writeAtomically(join(home, provenanceFile), formatProvenance(provenance));
      return { provenance, path };
    },

    async list() {
      const names = await readdir(folder).catch(ifAbsent([]));
      const artifacts = await Promise.all(names.sort().map((name) => read(join(folder, name))));
      return artifacts.filter((artifact) => artifact !== undefined);
    },
  };
}

const provenanceFile = "provenance.json";

/** What lies in an artifact's folder; nothing where none was finished there. */
async function read(home: string): Promise<StoredArtifact | undefined> {
  const file = join(home, provenanceFile);
  const text = await readFile(file, "utf8").catch(ifAbsent(undefined));
  if (text === undefined) return undefined;
  const provenance = parseProvenance(text, file);
  return { provenance, path: join(home, `${provenance.sha256}.ko`) };
}

/** Names of folders are shortened; the key in the provenance is not. */
const isSameKey = (a: ArtifactKey, b: ArtifactKey): boolean =>
  a.distribution === b.distribution &&
  a.kernel === b.kernel &&
  a.kernelPackage === b.kernelPackage &&
  a.architecture === b.architecture &&
  a.module === b.module &&
  a.version === b.version &&
  a.source === b.source;
