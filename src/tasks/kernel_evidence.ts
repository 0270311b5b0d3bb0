import { z } from "zod";
import { isMapNeeded, type Manifest, manifestSchema } from "../config/manifest.ts";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import {
  type EvidenceOrigin,
  type EvidencePart,
  evidenceParts,
  kernelKeyName,
  kernelKeyOf,
  largestEvidence,
} from "../core/kernel_evidence.ts";
import { changeInput, type FetchStep, unknown } from "../core/step.ts";
import { defineTask } from "../core/task.ts";
import { evidenceCommands, type KernelSources } from "../facts/kernel_sources.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { evidenceFor, type HostEvidence, type KernelEvidence } from "../kernel/kernel_evidence.ts";
import { artifactKey } from "./arguments.ts";
import { type KeptEvidence, keptEvidence, keptEvidenceOf, keptMap } from "./kept_evidence.ts";
import { type OfferedArtifact, type Offers, offersOf } from "./offered_artifact.ts";
import { type SourcesOf, sourcesOf } from "./proving.ts";

/** Where on a host a part is, and what prints it. */
type Source = Pick<FetchStep, "path" | "read"> & Pick<EvidenceOrigin, "identity" | "source">;

/** What a host tells of the very kernel of a key: of another build under the same name only what says itself which version it is of. */
function sourcesFor(key: ArtifactKey, sources: KernelSources, { kernels }: Machine): KernelSources {
  const kernel = kernels.find(({ release }) => release === key.kernel);
  const isStarted = kernel?.startedVersion === undefined || kernel.startedVersion === key.kernelPackage;
  if (kernel?.packageVersion === key.kernelPackage && isStarted) return sources;
  const { headersVersion, symvers } = sources;
  return { identity: undefined, headersVersion, symvers: isOfHeaders(symvers) ? symvers : undefined, ...nothingOfTheKernel };
}

const nothingOfTheKernel = { hasModules: false, map: undefined, kallsyms: "absent" } as const;

const isOfHeaders = (symvers: string | undefined): boolean =>
  symvers?.startsWith("/lib/modules/") === true && symvers.endsWith("/build/Module.symvers");

/** The CRCs: of all that the kernel exports, from headers that are of this very version; else of what its own modules use. */
function crcSource(
  { kernel, kernelPackage }: ArtifactKey,
  { identity, symvers, headersVersion, hasModules }: KernelSources,
): Source | undefined {
  // A kernel that no package owns was built here, and its headers are the tree that it was built in.
  const isOwnTree = kernelPackage.startsWith("build-id:") && identity === kernelPackage;
  if (symvers !== undefined && (!isOfHeaders(symvers) || isOwnTree || headersVersion === kernelPackage)) {
    const read = symvers.endsWith(".gz") ? evidenceCommands.packed(symvers) : evidenceCommands.file(symvers);
    return { identity: "package", path: symvers, read, source: symvers.slice(symvers.lastIndexOf("/") + 1) };
  }
  if (!hasModules || identity === undefined) return undefined;
  return {
    identity,
    path: `/lib/modules/${kernel}/kernel`,
    read: evidenceCommands.modules(kernel),
    source: "the kernel's own modules",
  };
}

/** The symbol map: of the running kernel from itself, else from a file that came with it. What somebody put there may be another build's. */
function mapSource({ identity, kallsyms, map }: KernelSources): Source | undefined {
  const path = kallsyms === "readable" ? "/proc/kallsyms" : map?.isOwned ? map.path : undefined;
  if (path === undefined) return undefined;
  return { identity: identity ?? "package", path, read: evidenceCommands.file(path), source: path };
}

const sourceOf = (part: EvidencePart, key: ArtifactKey, sources: KernelSources): Source | undefined =>
  part === "crcs" ? crcSource(key, sources) : mapSource(sources);

/** What goes by this name brings a part of a kernel's evidence here, or makes it in order to. */
export const turnOf = (part: EvidencePart, key: ArtifactKey): string => `${part} ${kernelKeyName(key)}`;

/** Brings a part of a kernel's evidence here. */
export function fetchStep(part: EvidencePart, key: ArtifactKey, { identity, source, ...place }: Source, host: Host): FetchStep {
  const origin: EvidenceOrigin = { key: kernelKeyOf(key), identity, part, source, host: host.name };
  const what = part === "crcs" ? "the symbol CRCs" : "the symbol map";
  return {
    kind: "fetch",
    title: `bring ${what} of ${key.kernel} here, from ${source}`,
    ...place,
    limit: largestEvidence,
    into: { kind: "evidence", origin },
    turn: turnOf(part, key),
    changes: [changeInput(keptEvidence(key), () => unknown), ...(part === "map" ? [changeInput(keptMap(key), () => unknown)] : [])],
    undo: { restore: [] },
  };
}

/** Whether proving the artifact takes a symbol map. */
const takesMap = (manifest: Manifest, offer: OfferedArtifact | undefined): boolean =>
  isMapNeeded(manifest) || (offer?.kind === "sound" && offer.module.offsets.distances.length > 0);

const lacks = (part: EvidencePart, evidence: HostEvidence): boolean => "missing" in evidence[part];

/** Whether a host offers the CRCs of all symbols where only those that modules use are kept. */
const isBetter = (part: EvidencePart, source: Source, kept: readonly KernelEvidence[]): boolean =>
  part === "crcs" && source.identity === "package" && !kept.some(({ identity, crcs }) => identity === "package" && crcs !== undefined);

/** Brings what a host tells of its kernels here, once for each kernel: what artifacts are proved with, and built against. */
export const kernelEvidence = defineTask({
  name: "kernel_evidence",
  summary: "Brings symbol CRCs and symbol maps of kernels to the control machine, as far as it lacks them: artifacts are proved with them.",
  args: z.strictObject({
    manifest: manifestSchema,
    keys: z.array(artifactKey),
    parts: z
      .array(z.enum(evidenceParts))
      .default([...evidenceParts])
      .describe("crcs, map; a map only where the module needs one"),
  }),
  facts: ({ manifest, keys }): SourcesOf & { readonly machine: typeof machine } => ({ machine, ...sourcesOf(manifest, keys) }),
  inputs: ({ keys }): Offers & KeptEvidence => ({ ...offersOf(keys), ...keptEvidenceOf(keys) }),
  feeds: ({ keys }) => keys.flatMap((key) => [keptEvidence(key), keptMap(key)]),
  *plan({ manifest, keys, parts }, facts, inputs, host) {
    for (const key of new Map(keys.map((one) => [kernelKeyName(one), one])).values()) {
      const told = facts[`sources ${key.kernel}`];
      if (told === undefined) continue;
      const sources = sourcesFor(key, told, facts.machine);
      const kept = inputs[`kept ${kernelKeyName(key)}`] ?? [];
      const evidence = evidenceFor(sources.identity, kept);
      for (const part of parts) {
        if (part === "map" && !takesMap(manifest, inputs[`offer ${artifactName(key)}`])) continue;
        const source = sourceOf(part, key, sources);
        if (source && (lacks(part, evidence) || isBetter(part, source, kept))) yield fetchStep(part, key, source, host);
      }
    }
    return undefined;
  },
});
