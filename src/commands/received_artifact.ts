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
 * Puts an artifact from elsewhere into the store, once it is what its provenance says. Throws a ProofError where it is not, or where nobody
 * forces it and the store has another build for its key, or the same with a signature that this one lacks.
 */
export async function receiveArtifact(parts: ArtifactParts, store: LocalStore, { force }: { readonly force?: boolean }): Promise<Received> {
  const { provenance, module } = parts;
  refuseFailed(checkModule(provenance, module));
  const name = artifactName(provenance);
  const found = (await store.files()).find((one) => one.name === name);
  const former = found !== undefined && "home" in found ? found : undefined;
  const isThere = former !== undefined && isSame(parts, former);
  if (former !== undefined && !isThere && !force) refuseLoss(parts, former);
  const files = isThere ? former : await store.put(parts);
  const state = isThere ? "already there" : found === undefined ? "imported" : "replaced";
  return { name, sha256: provenance.sha256, state, signed: describeSignature(await store.signatureOf(files)) };
}

/** A signature belongs to a text: one that only the store has stays. */
const isSame = (parts: ArtifactParts, former: StoredFiles): boolean =>
  former.text === parts.text && (parts.signature === undefined || former.signature !== undefined);

function refuseLoss({ provenance, signature }: ArtifactParts, former: StoredFiles): void {
  const [own, other] = [provenance.sha256, former.provenance.sha256];
  if (own !== other) {
    throw new ProofError(`the store has another build of it, ${other.slice(0, 12)}; this one is ${own.slice(0, 12)}: --force replaces it`);
  }
  if (former.signature !== undefined && signature === undefined) {
    throw new ProofError(`the store has it signed (${other.slice(0, 12)}), and this one is not: --force replaces it`);
  }
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
