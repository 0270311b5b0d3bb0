import type { Manifest } from "../config/manifest.ts";
import { artifactName, type Provenance } from "../core/artifact.ts";
import type { Control } from "../core/input.ts";
import type { ModuleFile } from "../facts/module_file.ts";
import { judgeProofs, nothingAllowed, proveModule } from "../kernel/proofs.ts";
import type { ProvedOnHost } from "../report/proofs_table.ts";
import { readableEvidence } from "../tasks/kept_evidence.ts";
import { offeredArtifact } from "../tasks/offered_artifact.ts";
import { groundOf, type SurveyedHost, surveyedKnowledge } from "../tasks/proving.ts";
import { filesFor, releasesOf, type SeenModule } from "./status_files.ts";

/** The module's file on a host, for one kernel. */
export interface OnDisk extends SurveyedHost {
  readonly file: ModuleFile;
  /** Whether it is what the host's own DKMS built. */
  readonly isOwnBuild: boolean;
}

/** A file that is not proved, in the words of `unknown` in a row of `status`. */
export interface Unproved {
  readonly host: string;
  readonly unknown: string;
}

/** What came of proving files on hosts. */
export interface DiskProofs {
  readonly proved: readonly ProvedOnHost[];
  readonly unproved: readonly Unproved[];
}

/** Where nobody asked for proofs. */
export const nothingProved: DiskProofs = { proved: [], unproved: [] };

/** What lies on a host, to be proved: for the running kernel, and for the one that boots next. */
export function onDiskOf(seen: SeenModule, { version }: Manifest): readonly OnDisk[] {
  const { host, machine, enrolled, dkms } = seen;
  const isBuilt = (kernel: string): boolean =>
    dkms.some((one) => one.version === version && one.kernel === kernel && one.state === "installed" && one.note === undefined);
  return releasesOf(seen).flatMap((kernel) => {
    const { found: file } = filesFor(seen, kernel);
    return file === undefined ? [] : [{ host, machine, enrolled, file, isOwnBuild: isBuilt(kernel) }];
  });
}

/** Proves what lies on hosts, as far as the store has it, against what is kept of their kernels. The rest is not brought here to be proved: that would be a module from each host. */
export async function proveOnDisk(manifest: Manifest, files: readonly OnDisk[], control: Control): Promise<DiskProofs> {
  const own = (await control.artifacts.list()).map(({ provenance }) => provenance).filter(({ module }) => module === manifest.name);
  const told = await Promise.all(files.map((one) => proveFile(one, own, manifest, control)));
  return { proved: told.filter((one) => "proofs" in one), unproved: told.filter((one) => "unknown" in one) };
}

async function proveFile(one: OnDisk, own: readonly Provenance[], manifest: Manifest, control: Control): Promise<ProvedOnHost | Unproved> {
  const { host, file } = one;
  const unproved = (why: string): Unproved => ({
    host: host.name,
    unknown: `whether the proofs of the file for ${file.kernel} hold: ${why}`,
  });
  const provenance = own.find(({ sha256, kernel }) => sha256 === file.sha256 && kernel === file.kernel);
  if (provenance === undefined) return unproved(whyNotStored(one));
  const offer = await offeredArtifact(provenance).read(control);
  if (offer.kind !== "sound") return unproved(offer.kind === "damaged" ? offer.problem : whyNotStored(one));
  const known = surveyedKnowledge(provenance, one, await readableEvidence(control, provenance), control.certificate);
  const proofs = proveModule(offer.module, groundOf(provenance, provenance.sha256, manifest, known));
  return { host: host.name, artifact: artifactName(provenance), proofs: judgeProofs(proofs, nothingAllowed) };
}

function whyNotStored({ file, isOwnBuild }: OnDisk): string {
  if (file.sha256 === undefined) return "it can't be uncompressed there";
  return isOwnBuild ? "the host built it by itself, and it is not in the store" : "it is not in the store";
}
