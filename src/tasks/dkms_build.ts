import { z } from "zod";
import { isMapNeeded, type Manifest, manifestSchema } from "../config/manifest.ts";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import type { FleetCertificate } from "../core/input.ts";
import { defineTask, type Stop, stop } from "../core/task.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { type BuiltModule, buildOf, builtModules, type DkmsBuild, dkmsBuilds } from "../facts/dkms.ts";
import { enrolledKeys } from "../facts/enrolled_keys.ts";
import { machine } from "../facts/machine.ts";
import { moduleDkms, moduleState } from "../facts/module.ts";
import { sourceFolder, sourceTree } from "../facts/source_tree.ts";
import type { Allowance } from "../kernel/proofs.ts";
import { artifactKey } from "./arguments.ts";
import { builtFor, builtFrom } from "./artifact_fetch.ts";
import { buildStep, installStep, type Job } from "./dkms_build_steps.ts";
import { examinedModules, type LookedInto } from "./examined_modules.ts";
import { keptEvidenceOf } from "./kept_evidence.ts";
import { isLaidOut, laidOutSource } from "./laid_out_source.ts";
import {
  allowanceArgs,
  allowanceOf,
  fleetCertificate,
  groundOf,
  knowledgeOf,
  type Proved,
  type ProvingFacts,
  type ProvingInputs,
  prove,
  sourcesOf,
} from "./proving.ts";
import { isStop, supportedDistribution } from "./supported.ts";

/** What a kernel lacks on this host before anything can be built for it. */
function lacking(
  { manifest, kernel, from: { kernelPackage, symbolMap } }: Job,
  facts: Known,
  distribution: Distribution,
): Stop | undefined {
  const { dkms, compiler, make, headers } = facts.machine;
  const { headersVersion } = facts[`sources ${kernel}`] ?? {};
  const missing = [
    ...(dkms === undefined ? distribution.dkmsPackages() : []),
    ...(compiler === undefined || make === undefined ? distribution.compilerPackages() : []),
    ...(headers.includes(kernel) ? [] : [distribution.headersPackage(kernel)]),
  ];
  if (missing.length > 0) {
    return stop("failed", `cannot build for ${kernel} without ${missing.join(", ")}: install them before, with the task package`);
  }
  if (headersVersion !== undefined && headersVersion !== kernelPackage && !kernelPackage.startsWith("build-id:")) {
    return stop(
      "blocked",
      `the headers of ${kernel} here are of version ${headersVersion}, but the kernel is of ${kernelPackage}: install those of that version`,
    );
  }
  if (isMapNeeded(manifest) && symbolMap === undefined) {
    return stop("failed", `cannot build for ${kernel} without its symbol map: the task symbol_map comes before`);
  }
  return undefined;
}

interface Known extends ProvingFacts {
  readonly builds: readonly DkmsBuild[];
  readonly modules: readonly BuiltModule[];
}

/** Proves the module that is going to be installed, or is; what was not looked into is not proved. */
function proveBuild(key: ArtifactKey, { manifest, host, allowance, from }: Job, facts: Known, inputs: ProvingInputs & Looked): Proved {
  const built = builtFor(key, { ...from, source: key.source }, facts.builds, facts.modules);
  const module = built && inputs.examined.get(built.sha256);
  const what = `the build of ${key.module} ${key.version} for ${key.kernel}`;
  if (built === undefined || module === undefined) {
    const reason = `${what} was not looked into: the task artifact_fetch comes before, with "examine"`;
    return { proofs: [], refusal: stop("failed", reason) };
  }
  const ground = groundOf(key, built.sha256, manifest, knowledgeOf(key, facts, inputs, host));
  return prove(what, { ...module, sha256: built.sha256 }, ground, allowance, host);
}

/** A build of the source that lies here, whatever a key says of it. */
const jobOf = (
  key: ArtifactKey,
  manifest: Manifest,
  allowance: Allowance,
  facts: Known,
  { source, certificate }: { readonly source: { readonly sha256: string }; readonly certificate: FleetCertificate | undefined },
  host: Host,
): Job => {
  const from = { ...builtFrom(key, manifest, facts, certificate), source: source.sha256 };
  return { manifest, kernel: key.kernel, host, from, allowance };
};

interface Looked {
  readonly examined: ReadonlyMap<string, LookedInto>;
}

/** Builds a module with dkms, for kernels that run and kernels that don't; installs only what was proved. */
export const dkmsBuild = defineTask({
  name: "dkms_build",
  summary: "Builds a module with dkms for one or more kernels, in a private place; with state: installed, installs what is proved to fit.",
  args: z.strictObject({
    manifest: manifestSchema,
    keys: z.array(artifactKey).min(1),
    state: z.enum(["built", "installed"]).default("installed"),
    ...allowanceArgs,
  }),
  facts: ({ manifest, keys }) => ({
    machine,
    enrolled: enrolledKeys,
    builds: dkmsBuilds(manifest.name, manifest.version),
    modules: builtModules(manifest.name, manifest.version),
    tree: sourceTree(sourceFolder(manifest.name, manifest.version)),
    module: moduleState(manifest.name),
    entries: moduleDkms(manifest.name),
    ...sourcesOf(manifest, keys),
  }),
  inputs: ({ manifest, keys }) => ({
    source: laidOutSource(manifest),
    examined: examinedModules,
    certificate: fleetCertificate,
    ...keptEvidenceOf(keys),
  }),
  *plan({ manifest, keys, state, ...args }, facts, inputs, host) {
    const { name, version } = manifest;
    const distribution = supportedDistribution(host);
    if (isStop(distribution)) return distribution;
    for (const key of keys) {
      const { kernel } = key;
      const job = jobOf(key, manifest, allowanceOf(args), facts, inputs, host);
      const build = buildOf(facts.builds, kernel, job.from);
      if (state === "built" && build === undefined) {
        const lack = lacking(job, facts, distribution);
        if (lack) return lack;
        if (!isLaidOut(inputs.source, facts.tree)) {
          return stop(
            "failed",
            `${sourceFolder(name, version)} is not the manifest's source: lay it out before, with the task dkms_source`,
          );
        }
        yield buildStep(job, facts.machine);
      }
      if (state === "built") continue;
      const { refusal } = proveBuild(key, job, facts, inputs);
      if (refusal) return refusal;
      if (!build?.isInstalled) yield installStep(job, distribution.moduleInstallFolder(host, kernel), facts.module, facts.entries);
    }
    return undefined;
  },
  result({ manifest, keys, state, ...args }, facts, inputs, host) {
    const jobs = keys.map((key) => ({ key, job: jobOf(key, manifest, allowanceOf(args), facts, inputs, host) }));
    const proved = () => jobs.map(({ key, job }) => ({ artifact: artifactName(key), proofs: proveBuild(key, job, facts, inputs).proofs }));
    return {
      source: inputs.source.sha256,
      builds: Object.fromEntries(jobs.map(({ job: { kernel, from } }) => [kernel, buildOf(facts.builds, kernel, from)])),
      ...(state === "installed" && { proofs: proved() }),
    };
  },
});
