import { readFile } from "node:fs/promises";
import { ProofError } from "../core/error.ts";
import type { KernelStore } from "../core/kernel_evidence.ts";
import { evidenceFor } from "../kernel/kernel_evidence.ts";
import { readModule } from "../kernel/module_info.ts";
import type { Proof } from "../kernel/proof.ts";
import { proveCrcs } from "../kernel/proof_crcs.ts";
import { proveOffsets } from "../kernel/proof_offsets.ts";
import type { StoredFiles } from "../store/stored_files.ts";
import { readEvidence } from "../tasks/kept_evidence.ts";

/** Proves an artifact against what is kept of the kernel that it is for; nothing where the file is no module, which other checks tell. */
export async function proofsFromEvidence({ path, provenance }: StoredFiles, kernels: KernelStore): Promise<readonly Proof[]> {
  const { crcs, map } = evidenceFor(undefined, await readEvidence({ kernels }, provenance));
  const isMapNeeded = provenance.origin.kind === "built" && provenance.origin.symbolMap !== undefined;
  try {
    const module = readModule(await readFile(path));
    return [proveCrcs(module, crcs), proveOffsets(module, { isMapNeeded, symbols: [] }, map)];
  } catch (error) {
    if (error instanceof ProofError || (error instanceof Error && "code" in error && error.code === "ENOENT")) return [];
    throw error;
  }
}
