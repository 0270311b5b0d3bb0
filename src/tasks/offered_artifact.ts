import { type ArtifactKey, artifactName, type Provenance } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import type { Control, FoundArtifact, Input } from "../core/input.ts";
import type { Examined } from "../kernel/proofs.ts";
import { examineOnce } from "./examined_modules.ts";

/** What the store has for a key: nothing, something that may not be used, or a module as its provenance says. */
export type OfferedArtifact = { readonly kind: "none" } | { readonly kind: "damaged"; readonly problem: string } | SoundArtifact;

/** An artifact that is what its provenance says, and what its own bytes say of it. */
export interface SoundArtifact {
  readonly kind: "sound";
  readonly provenance: Provenance;
  readonly module: Examined;
}

/** Refuses what no allowed signer signed, where that is wanted. */
function checkSigned({ signature }: FoundArtifact): void {
  if (signature.kind === "holds") return;
  const problem = signature.kind === "unsigned" ? "it is not signed" : signature.problem;
  throw new ProofError(
    `require_signed is set, and of its provenance this is known: ${problem}\nhave it built again with signing_key set (kofleet artifacts prune removes it), or import a signed package`,
  );
}

async function readOffer(key: ArtifactKey, control: Control): Promise<OfferedArtifact> {
  const { artifacts, contents } = control;
  const stored = await artifacts.find(key);
  if (stored === undefined) return { kind: "none" };
  if (artifacts.requiresSignature) checkSigned(stored);
  const { sha256 } = await contents.addFile(stored.path);
  const module = await examineOnce(control, sha256, (see) => contents.look(sha256, see));
  return { kind: "sound", provenance: stored.provenance, module: { ...module, sha256 } };
}

/** The artifact of a key, read and looked into; its bytes are among the run's contents. */
export const offeredArtifact = (key: ArtifactKey): Input<OfferedArtifact> => ({
  name: `offeredArtifact ${artifactName(key)}`,
  async read(control) {
    try {
      return await readOffer(key, control);
    } catch (error) {
      if (error instanceof ProofError) return { kind: "damaged", problem: error.message };
      throw error;
    }
  },
});

/** Inputs for several keys, by `offer` and the artifact's name. */
export type Offers = Readonly<Record<`offer ${string}`, Input<OfferedArtifact>>>;
export const offersOf = (keys: readonly ArtifactKey[]): Offers =>
  Object.fromEntries(keys.map((key) => [`offer ${artifactName(key)}`, offeredArtifact(key)]));

/** The sha256 of the artifact that the store has for a key, as it was built; undefined: it has none, or a damaged one. */
export const storedDigest = (key: ArtifactKey): Input<string | undefined> => ({
  name: `storedDigest ${artifactName(key)}`,
  async read({ artifacts }) {
    try {
      const provenance = (await artifacts.find(key))?.provenance;
      return provenance?.unsigned ?? provenance?.sha256;
    } catch (error) {
      if (error instanceof ProofError) return undefined;
      throw error;
    }
  },
});
