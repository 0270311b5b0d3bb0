import { readFile } from "node:fs/promises";
import type { Manifest } from "../config/manifest.ts";
import type { Provenance } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import type { KernelStore } from "../core/kernel_evidence.ts";
import { evidenceFor } from "../kernel/kernel_evidence.ts";
import { readModule } from "../kernel/module_info.ts";
import { isSameModule } from "../kernel/module_name.ts";
import type { Proof } from "../kernel/proof.ts";
import { proveCrcs } from "../kernel/proof_crcs.ts";
import { type Expectation, proveOffsets } from "../kernel/proof_offsets.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { readableEvidence } from "../tasks/kept_evidence.ts";
import { expectedOffsets } from "../tasks/proving.ts";

/** Whether an artifact is of the module and version that a manifest describes. */
export const isOf = ({ name, version }: Manifest, artifact: Pick<Provenance, "module" | "version">): boolean =>
  isSameModule(artifact.module, name) && artifact.version === version;

/** What an artifact must reach, as its manifest says. Without that only a build against a symbol map tells: it must reach something. */
function expectationOf(provenance: Provenance, manifest: Manifest | undefined): Expectation {
  const { module, version, origin } = provenance;
  if (manifest && isOf(manifest, provenance)) return expectedOffsets(manifest);
  if (origin.kind === "built" && origin.symbolMap !== undefined) return { isMapNeeded: true, symbols: [] };
  return { missing: `give -m MANIFEST, that of ${module} ${version}` };
}

/** Proves an artifact, by its manifest where that is given, against what is kept of the kernel that it is for; nothing where the file is no module, which other checks tell. */
export async function proofsFromEvidence(
  { path, provenance }: StoredFiles,
  manifest: Manifest | undefined,
  kernels: KernelStore,
): Promise<readonly Proof[]> {
  const { kept, missing } = await readableEvidence({ kernels }, provenance);
  const { crcs, map } = evidenceFor(undefined, kept, missing);
  try {
    const module = readModule(await readFile(path));
    return [proveCrcs(module, crcs), proveOffsets(module, expectationOf(provenance, manifest), map)];
  } catch (error) {
    if (error instanceof ProofError || (error instanceof Error && "code" in error && error.code === "ENOENT")) return [];
    throw error;
  }
}
