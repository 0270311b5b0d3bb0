import type { Manifest } from "../config/manifest.ts";
import { artifactName } from "../core/artifact.ts";
import type { Control } from "../core/input.ts";
import { judgeProofs, nothingAllowed, proveModule } from "../kernel/proofs.ts";
import type { ProvedOnHost } from "../report/proofs_table.ts";
import { readEvidence } from "../tasks/kept_evidence.ts";
import { offeredArtifact } from "../tasks/offered_artifact.ts";
import { groundOf, type SurveyedHost, surveyedKnowledge } from "../tasks/proving.ts";

/** What lies on a host: the kernel that it is for, and the sha256 of the module. */
export interface OnDisk extends SurveyedHost {
  readonly kernel: string;
  readonly sha256: string | undefined;
}

/** Proves what lies on hosts, as far as the store has it, against what is kept of their kernels; a build that a host made for itself is not among it. */
export async function proveOnDisk(manifest: Manifest, hosts: readonly OnDisk[], control: Control): Promise<readonly ProvedOnHost[]> {
  const own = (await control.artifacts.list()).map(({ provenance }) => provenance).filter(({ module }) => module === manifest.name);
  const proved = hosts.map(async (one): Promise<ProvedOnHost[]> => {
    const provenance = own.find(({ sha256, kernel }) => sha256 === one.sha256 && kernel === one.kernel);
    const offer = provenance && (await offeredArtifact(provenance).read(control));
    if (provenance === undefined || offer?.kind !== "sound") return [];
    const known = surveyedKnowledge(provenance, one, await readEvidence(control, provenance), control.certificate);
    const proofs = proveModule(offer.module, groundOf(provenance, provenance.sha256, manifest, known));
    return [{ host: one.host.name, artifact: artifactName(provenance), proofs: judgeProofs(proofs, nothingAllowed) }];
  });
  return (await Promise.all(proved)).flat();
}
