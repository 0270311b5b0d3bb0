import { z } from "zod";
import { isMapNeeded, type Manifest, manifestSchema } from "../config/manifest.ts";
import { type ArtifactKey, artifactName, type BuiltOrigin, type Provenance } from "../core/artifact.ts";
import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import { type FleetCertificate, type Input, isKeyOnBuilders } from "../core/input.ts";
import { changeInput, type Step, unknown } from "../core/step.ts";
import { defineTask, stop } from "../core/task.ts";
import { type BuiltFrom, type BuiltModule, buildOf, builtModules, type DkmsBuild, dkmsBuilds } from "../facts/dkms.ts";
import { hostTree, privateTree } from "../facts/dkms_script.ts";
import type { KernelSources } from "../facts/kernel_sources.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { largestModule } from "../kernel/unpack.ts";
import { artifactKey } from "./arguments.ts";
import { examinedModules } from "./examined_modules.ts";
import { offeredArtifact, storedDigest } from "./offered_artifact.ts";
import { fleetCertificate, type SourcesOf, sourcesOf } from "./proving.ts";

/** The run's id, for provenance. */
const runId: Input<string> = { name: "runId", read: async ({ run }) => run };

type StoredDigests = Readonly<Record<`stored ${string}`, Input<string | undefined>>>;
const storedDigests = (keys: readonly ArtifactKey[]): StoredDigests =>
  Object.fromEntries(keys.map((key) => [`stored ${artifactName(key)}`, storedDigest(key)]));

/** What a build for a key has to be made from on a host, with the symbol map that lies there. */
export const builtFrom = (
  { kernel, kernelPackage, source }: ArtifactKey,
  manifest: Manifest,
  facts: { readonly [source: `sources ${string}`]: KernelSources },
  certificate: FleetCertificate | undefined,
): BuiltFrom => ({
  source,
  kernelPackage,
  symbolMap: isMapNeeded(manifest) ? facts[`sources ${kernel}`]?.map?.sha256 : undefined,
  signer: isKeyOnBuilders(certificate) ? certificate.serial : undefined,
});

/** The file of the build that fits a key. */
export function builtFor(
  key: ArtifactKey,
  from: BuiltFrom,
  builds: readonly DkmsBuild[],
  modules: readonly BuiltModule[],
): BuiltModule | undefined {
  const build = buildOf(builds, key.kernel, from);
  const tree = build?.tree === "private" ? privateTree : hostTree;
  return build && modules.find(({ kernel, path }) => kernel === key.kernel && path.startsWith(`${tree}/`));
}

/** What was seen of a build beside its module. */
interface Seen {
  readonly machine: Machine;
  readonly host: Host;
  readonly run: string;
  readonly from: BuiltFrom;
}

function originOf(kernel: string, { builtAt: at }: BuiltModule, { machine, host, run, from }: Seen): BuiltOrigin {
  const { compiler, make, dkms, kernelCompilers } = machine;
  const kernelCompiler = kernelCompilers[kernel];
  return {
    kind: "built",
    builder: host.name,
    ...(compiler !== undefined && { compiler }),
    ...(kernelCompiler !== undefined && { kernelCompiler }),
    ...(make !== undefined && { make }),
    ...(dkms !== undefined && { dkms }),
    ...(from.symbolMap !== undefined && { symbolMap: from.symbolMap }),
    at,
    run,
  };
}

function provenanceOf(key: ArtifactKey, built: BuiltModule, seen: Seen): Provenance {
  const { sha256, size, vermagic, srcversion } = built;
  return { ...key, sha256, size, vermagic, srcversion, origin: originOf(key.kernel, built, seen) };
}

const keepStep = (key: ArtifactKey, { path, log, sha256 }: BuiltModule, provenance: Provenance): Step => ({
  kind: "fetch",
  title: `fetch ${key.module} ${key.version} for ${key.kernel}`,
  path,
  limit: largestModule,
  log,
  into: { kind: "artifact", provenance },
  undo: { restore: [] },
  changes: [
    changeInput(storedDigest(key), () => sha256),
    changeInput(offeredArtifact(key), () => unknown),
    changeInput(examinedModules, () => unknown),
  ],
});

const examineStep = ({ module, version, kernel }: ArtifactKey, { path }: BuiltModule): Step => ({
  kind: "fetch",
  title: `look into ${module} ${version} for ${kernel}`,
  path,
  limit: largestModule,
  into: { kind: "examination" },
  undo: { restore: [] },
  changes: [changeInput(examinedModules, () => unknown)],
});

type Inputs = StoredDigests & {
  readonly run: Input<string>;
  readonly examined: typeof examinedModules;
  readonly certificate: typeof fleetCertificate;
};
type Facts = SourcesOf & {
  readonly machine: Fact<Machine>;
  readonly builds: Fact<readonly DkmsBuild[]>;
  readonly modules: Fact<readonly BuiltModule[]>;
};

/** Brings built modules into the artifact store, with where they come from, and has those looked into that are for the host itself. */
export const artifactFetch = defineTask({
  name: "artifact_fetch",
  summary:
    "Brings modules that a host has built into the artifact store, with their provenance, and looks into those that it keeps for itself.",
  args: z.strictObject({
    manifest: manifestSchema,
    keys: z.array(artifactKey).describe("what is fetched: the keys of the hosts that it is for, since a builder may not have their kernel"),
    examine: z.array(artifactKey).default([]).describe("what is looked into, so that it can be proved before the host installs it"),
  }),
  facts: ({ manifest, keys, examine }): Facts => ({
    machine,
    builds: dkmsBuilds(manifest.name, manifest.version),
    modules: builtModules(manifest.name, manifest.version),
    ...sourcesOf(manifest, [...keys, ...examine]),
  }),
  inputs: ({ keys }): Inputs => ({ run: runId, examined: examinedModules, certificate: fleetCertificate, ...storedDigests(keys) }),
  feeds: ({ keys }) => [examinedModules, ...keys.flatMap((key) => [storedDigest(key), offeredArtifact(key)])],
  *plan({ manifest, keys, examine }, facts, inputs, host) {
    const kept = new Set(keys.map(artifactName));
    for (const key of [...keys, ...examine.filter((one) => !kept.has(artifactName(one)))]) {
      const from = builtFrom(key, manifest, facts, inputs.certificate);
      const built = builtFor(key, from, facts.builds, facts.modules);
      if (built === undefined) {
        return stop(
          "failed",
          `${host.name} has no build of ${key.module} ${key.version} for ${key.kernel}: the task dkms_build comes before`,
        );
      }
      const isKept = kept.has(artifactName(key));
      if (isKept ? inputs[`stored ${artifactName(key)}`] === built.sha256 : inputs.examined.has(built.sha256)) continue;
      const seen = { machine: facts.machine, host, run: inputs.run, from };
      yield isKept ? keepStep(key, built, provenanceOf(key, built, seen)) : examineStep(key, built);
    }
    return undefined;
  },
});
