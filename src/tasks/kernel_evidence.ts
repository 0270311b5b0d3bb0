import { z } from "zod";
import { isMapNeeded, type Manifest, manifestSchema } from "../config/manifest.ts";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import { type EvidenceOrigin, type EvidencePart, evidenceParts, kernelKeyName, kernelKeyOf } from "../core/kernel_evidence.ts";
import { changeInput, type FetchStep, unknown } from "../core/step.ts";
import { defineTask } from "../core/task.ts";
import { evidenceCommands, type KernelSources } from "../facts/kernel_sources.ts";
import { evidenceFor, type HostEvidence } from "../kernel/kernel_evidence.ts";
import { artifactKey } from "./arguments.ts";
import { type KeptEvidence, keptEvidence, keptEvidenceOf, keptMap } from "./kept_evidence.ts";
import { type OfferedArtifact, type Offers, offersOf } from "./offered_artifact.ts";
import { sourcesOf } from "./proving.ts";

/** Where on a host a part is, and what prints it. */
type Source = Pick<FetchStep, "path" | "read"> & Pick<EvidenceOrigin, "identity" | "source">;

/** The CRCs: of all that the kernel exports, from headers that are of this very version; else of what its own modules use. */
function crcSource(
  { kernel, kernelPackage }: ArtifactKey,
  { identity, symvers, headersVersion, hasModules }: KernelSources,
): Source | undefined {
  const isOfHeaders = symvers?.startsWith("/lib/modules/") === true && symvers.endsWith("/build/Module.symvers");
  if (symvers !== undefined && (!isOfHeaders || headersVersion === kernelPackage)) {
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

/** The symbol map: of the running kernel from itself, else from a file. */
function mapSource({ identity, kallsyms, map }: KernelSources): Source | undefined {
  const path = kallsyms === "readable" ? "/proc/kallsyms" : map?.path;
  if (path === undefined) return undefined;
  return { identity: identity ?? "package", path, read: evidenceCommands.file(path), source: path };
}

const sourceOf = (part: EvidencePart, key: ArtifactKey, sources: KernelSources): Source | undefined =>
  part === "crcs" ? crcSource(key, sources) : mapSource(sources);

function fetchStep(part: EvidencePart, key: ArtifactKey, { identity, source, ...place }: Source, host: Host): FetchStep {
  const origin: EvidenceOrigin = { key: kernelKeyOf(key), identity, part, source, host: host.name };
  const what = part === "crcs" ? "the symbol CRCs" : "the symbol map";
  return {
    kind: "fetch",
    title: `bring ${what} of ${key.kernel} here, from ${source}`,
    ...place,
    into: { kind: "evidence", origin },
    changes: [changeInput(keptEvidence(key), () => unknown), ...(part === "map" ? [changeInput(keptMap(key), () => unknown)] : [])],
    undo: { restore: [] },
  };
}

/** Whether proving the artifact takes a symbol map. */
const takesMap = (manifest: Manifest, offer: OfferedArtifact | undefined): boolean =>
  isMapNeeded(manifest) || (offer?.kind === "sound" && offer.module.offsets.distances.length > 0);

const lacks = (part: EvidencePart, evidence: HostEvidence): boolean => "missing" in evidence[part];

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
  facts: ({ manifest, keys }) => sourcesOf(manifest, keys),
  inputs: ({ keys }): Offers & KeptEvidence => ({ ...offersOf(keys), ...keptEvidenceOf(keys) }),
  turns: ({ keys }) => keys.map((key) => `kernel evidence ${kernelKeyName(key)}`),
  feeds: ({ keys }) => keys.flatMap((key) => [keptEvidence(key), keptMap(key)]),
  *plan({ manifest, keys, parts }, facts, inputs, host) {
    for (const key of new Map(keys.map((one) => [kernelKeyName(one), one])).values()) {
      const sources = facts[`sources ${key.kernel}`];
      if (sources === undefined) continue;
      const evidence = evidenceFor(sources.identity, inputs[`kept ${kernelKeyName(key)}`] ?? []);
      for (const part of parts) {
        if (!lacks(part, evidence) || (part === "map" && !takesMap(manifest, inputs[`offer ${artifactName(key)}`]))) continue;
        const source = sourceOf(part, key, sources);
        if (source) yield fetchStep(part, key, source, host);
      }
    }
    return undefined;
  },
});
