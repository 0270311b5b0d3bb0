import { type ArtifactKey, artifactName, type Provenance } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import type { Control, FoundArtifact, Input } from "../core/input.ts";
import { type ModuleInfo, readModule } from "../kernel/module_info.ts";

/** What the store has for a key: nothing, something that may not be used, or a module as its provenance says. */
export type OfferedArtifact = { readonly kind: "none" } | { readonly kind: "damaged"; readonly problem: string } | SoundArtifact;

/** An artifact that is what its provenance says, and what its own bytes say of it. */
export interface SoundArtifact {
  readonly kind: "sound";
  readonly provenance: Provenance;
  readonly module: ModuleInfo & { readonly sha256: string };
}

/** Refuses what no allowed signer signed, where that is wanted. */
function checkSigned({ signature }: FoundArtifact): void {
  if (signature.kind === "holds") return;
  const problem = signature.kind === "unsigned" ? "it is not signed" : signature.problem;
  throw new ProofError(
    `require_signed is set, and of its provenance this is known: ${problem}\nhave it built again with signing_key set (kofleet artifacts prune removes it), or import a signed package`,
  );
}

async function readOffer(key: ArtifactKey, { artifacts, contents }: Control): Promise<OfferedArtifact> {
  const stored = await artifacts.find(key);
  if (stored === undefined) return { kind: "none" };
  if (artifacts.requiresSignature) checkSigned(stored);
  const { sha256 } = await contents.addFile(stored.path);
  const module = readModule(await contents.open(sha256));
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

/** The sha256 of the artifact that the store has for a key; undefined: it has none, or a damaged one. */
export const storedDigest = (key: ArtifactKey): Input<string | undefined> => ({
  name: `storedDigest ${artifactName(key)}`,
  async read({ artifacts }) {
    try {
      return (await artifacts.find(key))?.provenance.sha256;
    } catch (error) {
      if (error instanceof ProofError) return undefined;
      throw error;
    }
  },
});
