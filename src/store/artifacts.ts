import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { artifactName, type Provenance } from "../core/artifact.ts";
import { messageOf, ProofError } from "../core/error.ts";
import type { ArtifactStore, DamagedFolder, SignatureState } from "../core/input.ts";
import { sameKey } from "../kernel/artifact_key.ts";
import { packingOf } from "../kernel/compression.ts";
import { unpackModule } from "../kernel/unpack.ts";
import { ifAbsent } from "./absent.ts";
import { flagsIn } from "./build_flags.ts";
import { digestOf, digestOfFile } from "./digest.ts";
import { checkBytes, formatProvenance } from "./provenance.ts";
import { checkSignature, type Signing, signProvenance } from "./provenance_signature.ts";
import { type ArtifactParts, putArtifact } from "./put_artifact.ts";
import { readStoredFiles, type StoredFiles } from "./stored_files.ts";

/** The artifacts in a folder of the control machine, with all that lies beside them. */
export interface LocalStore extends ArtifactStore {
  readonly folder: string;
  /** Every artifact, and every folder that should be one. */
  files(): Promise<readonly (StoredFiles | DamagedFolder)[]>;
  /** Stores an artifact from elsewhere as it is, with its provenance to the byte; one without a signature is not signed. */
  put(parts: ArtifactParts): Promise<StoredFiles>;
  signatureOf(files: StoredFiles): Promise<SignatureState>;
}

/**
 * Artifacts in folders named by their keys. Files named by their digests are written first, then `provenance.json`, which names them and makes them count.
 * So nobody meets half an artifact, and of two processes that add one key the later wins whole. What was replaced stays until it is pruned.
 */
export function openArtifactStore(folder: string, signing: Signing): LocalStore {
  const checked = new Map<string, Promise<SignatureState>>();

  const signatureOf = (files: StoredFiles): Promise<SignatureState> => {
    if (files.signature === undefined) return Promise.resolve({ kind: "unsigned" });
    // Its name is the digest of what it signs.
    const state = checked.get(files.signature) ?? checkSignature(files.text, files.signature, signing);
    checked.set(files.signature, state);
    return state;
  };

  return {
    folder,
    requiresSignature: signing.isRequired,
    signatureOf,
    put: (parts) => putArtifact(folder, parts),

    async find(key) {
      const files = await readWhole(join(folder, artifactName(key)));
      if (files === undefined || !sameKey(files.provenance, key)) return undefined;
      return { provenance: files.provenance, path: files.path, signature: await signatureOf(files) };
    },

    async add(claimed, bytes, log) {
      const built = await unpackModule(bytes);
      checkBytes(claimed, digestOf(built), `the module file for ${artifactName(claimed)}`);
      const module = signing.signModule?.(built) ?? built;
      const provenance = completed(signing.signModule ? signedProvenance(claimed, module) : packedProvenance(claimed, bytes), log);
      const text = formatProvenance(provenance);
      const signature = signing.key === undefined ? undefined : await signProvenance(text, signing.key, signing.environment);
      const parts = { provenance, text, module, ...(log !== undefined && { log }), ...(signature !== undefined && { signature }) };
      const { path } = await putArtifact(folder, parts);
      return { provenance, path };
    },

    async list() {
      return (await filesIn(folder)).filter(isReadable).map(({ provenance, path }) => ({ provenance, path }));
    },

    async damaged() {
      return (await filesIn(folder)).filter((one) => "problem" in one);
    },

    files: () => filesIn(folder),
  };
}

/** The folders of a store, finished or not. */
export const homesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(ifAbsent([]))).sort().map((name) => join(folder, name));

async function filesIn(folder: string): Promise<readonly (StoredFiles | DamagedFolder)[]> {
  const found = await Promise.all((await homesIn(folder)).map(readOrTell));
  return found.filter((one) => one !== undefined);
}

const isReadable = (one: StoredFiles | DamagedFolder): one is StoredFiles => "provenance" in one;

async function readOrTell(home: string): Promise<StoredFiles | DamagedFolder | undefined> {
  try {
    return await readStoredFiles(home);
  } catch (error) {
    if (error instanceof ProofError) return { name: home.slice(home.lastIndexOf("/") + 1), problem: messageOf(error) };
    throw error;
  }
}

/** How often, and after how many milliseconds, a module is looked for that is not there: whoever prunes beside us may be about to put it back, or it was replaced. */
const looks = 5;
const pause = 20;

/** An artifact whose module is there and whole. */
async function readWhole(home: string): Promise<StoredFiles | undefined> {
  for (let look = 1; ; look += 1) {
    const files = await readStoredFiles(home);
    if (files === undefined) return undefined;
    const digest = await digestOfFile(files.path).catch(ifAbsent(undefined));
    if (digest !== undefined) {
      checkBytes(files.provenance, digest, files.path);
      return files;
    }
    if (look === looks) throw new ProofError(`${files.path} is missing, though its provenance is there`);
    await setTimeout(pause);
  }
}

/** What the store has is the signed module, which came in no compression; which bytes were built stays known. */
const signedProvenance = ({ packed: _, ...claimed }: Provenance, module: Uint8Array): Provenance => ({
  ...claimed,
  ...digestOf(module),
  unsigned: claimed.sha256,
});

/** A provenance with what its module's compression tells. */
function packedProvenance(claimed: Provenance, bytes: Uint8Array): Provenance {
  const packing = packingOf(bytes);
  return packing ? { ...claimed, packed: { ...claimed.packed, [packing]: digestOf(bytes).sha256 } } : claimed;
}

/** A provenance with what its build's log tells. */
function completed(claimed: Provenance, log: string | undefined): Provenance {
  const flags = log === undefined ? undefined : flagsIn(log);
  const { origin } = claimed;
  return {
    ...claimed,
    ...(log !== undefined && { log: digestOf(Buffer.from(log)).sha256 }),
    origin: origin.kind === "built" && flags ? { ...origin, flags } : origin,
  };
}
