import { artifactName } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import type { LocalStore } from "../store/artifacts.ts";
import { checkModule, refuseFailed } from "../store/module_checks.ts";
import type { ArtifactParts } from "../store/put_artifact.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { describeSignature, type StoreOptions } from "./artifact_list.ts";
import type { Console } from "./console.ts";

/** What became of an artifact from elsewhere. */
export interface Received {
  readonly name: string;
  readonly sha256: string;
  readonly state: "imported" | "replaced" | "already there";
  /** Who signed it. */
  readonly signed: string;
}

/**
 * Puts an artifact from elsewhere into the store, once it is what its provenance says. Of one build that came twice the first counts, unless only the
 * second is signed. Throws a ProofError for what its provenance contradicts, and, unless it is forced, for another build of a key that the store has.
 */
export async function receiveArtifact(parts: ArtifactParts, store: LocalStore, { force }: { readonly force?: boolean }): Promise<Received> {
  const { provenance, module } = parts;
  refuseFailed(checkModule(provenance, module));
  const name = artifactName(provenance);
  const found = (await store.files()).find((one) => one.name === name);
  const former = found !== undefined && "home" in found ? found : undefined;
  const isThere = former !== undefined && (isSame(parts, former) || (!force && !brings(parts, former)));
  const files = isThere ? former : await store.put(parts);
  const state = isThere ? "already there" : found === undefined ? "imported" : "replaced";
  return { name, sha256: provenance.sha256, state, signed: describeSignature(await store.signatureOf(files)) };
}

/** A signature belongs to a text: one that only the store has stays. */
const isSame = (parts: ArtifactParts, former: StoredFiles): boolean =>
  former.text === parts.text && (parts.signature === undefined || former.signature !== undefined);

/** Whether a package has a signature for a build that the store has without. Throws a ProofError where it has another build, or another signature. */
function brings({ provenance, signature }: ArtifactParts, former: StoredFiles): boolean {
  const [own, other] = [provenance.sha256, former.provenance.sha256];
  if (own !== other) {
    throw new ProofError(`the store has another build of it, ${other.slice(0, 12)}; this one is ${own.slice(0, 12)}: --force replaces it`);
  }
  if (signature !== undefined && former.signature !== undefined) {
    throw new ProofError(`the store has it with another provenance, signed too (${other.slice(0, 12)}): --force replaces that`);
  }
  return signature !== undefined;
}

/** Prints what became of one file. */
export function tellReceived(from: string, received: Received, { json }: Pick<StoreOptions, "json">, { out }: Console): void {
  const { name, sha256, state, signed } = received;
  out.write(
    json
      ? `${JSON.stringify({ from, ...received })}\n`
      : printable(`${from}: ${state}: ${sha256.slice(0, 12)} ${name} (signed: ${signed})\n`),
  );
}
