import { z } from "zod";
import { manifestSchema } from "../config/manifest.ts";
import { type ArtifactKey, artifactName, type BuiltOrigin, type Provenance } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import type { Input } from "../core/input.ts";
import { changeInput, type Step, unknown } from "../core/step.ts";
import { defineTask, stop } from "../core/task.ts";
import { type BuiltModule, buildOf, builtModules, type DkmsBuild, dkmsBuilds } from "../facts/dkms.ts";
import { hostTree, privateTree } from "../facts/dkms_script.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { artifactKey } from "./arguments.ts";
import { offeredArtifact, storedDigest } from "./offered_artifact.ts";

/** The run's id, for provenance. */
const runId: Input<string> = { name: "runId", read: async ({ run }) => run };

type StoredDigests = Readonly<Record<`stored ${string}`, Input<string | undefined>>>;
const storedDigests = (keys: readonly ArtifactKey[]): StoredDigests =>
  Object.fromEntries(keys.map((key) => [`stored ${artifactName(key)}`, storedDigest(key)]));

/** The file of the build that fits a key. */
function builtFor(key: ArtifactKey, builds: readonly DkmsBuild[], modules: readonly BuiltModule[]): BuiltModule | undefined {
  const build = buildOf(builds, key.kernel, key.source);
  const tree = build?.tree === "private" ? privateTree : hostTree;
  return build && modules.find(({ kernel, path }) => kernel === key.kernel && path.startsWith(`${tree}/`));
}

function originOf(kernel: string, { builtAt: at }: BuiltModule, known: Machine, host: Host, run: string): BuiltOrigin {
  const { compiler, make, dkms, kernels } = known;
  const kernelCompiler = kernels.find(({ release }) => release === kernel)?.compiler;
  return {
    kind: "built",
    builder: host.name,
    ...(compiler !== undefined && { compiler }),
    ...(kernelCompiler !== undefined && { kernelCompiler }),
    ...(make !== undefined && { make }),
    ...(dkms !== undefined && { dkms }),
    at,
    run,
  };
}

function provenanceOf(key: ArtifactKey, built: BuiltModule, known: Machine, host: Host, run: string): Provenance {
  const { sha256, size, vermagic, srcversion } = built;
  return { ...key, sha256, size, vermagic, srcversion, origin: originOf(key.kernel, built, known, host, run) };
}

const fetchStep = (key: ArtifactKey, { path, log, sha256 }: BuiltModule, provenance: Provenance): Step => ({
  kind: "fetch",
  title: `fetch ${key.module} ${key.version} for ${key.kernel}`,
  path,
  log,
  provenance,
  undo: { restore: [] },
  changes: [changeInput(storedDigest(key), () => sha256), changeInput(offeredArtifact(key), () => unknown)],
});

/** Brings built modules into the artifact store, with where they come from. */
export const artifactFetch = defineTask({
  name: "artifact_fetch",
  summary: "Brings modules that a host has built into the artifact store, with their provenance.",
  args: z.strictObject({
    manifest: manifestSchema,
    keys: z.array(artifactKey).describe("what is fetched: the keys of the hosts that it is for, since a builder may not have their kernel"),
  }),
  facts: ({ manifest: { name, version } }) => ({ machine, builds: dkmsBuilds(name, version), modules: builtModules(name, version) }),
  inputs: ({ keys }): StoredDigests & { readonly run: Input<string> } => ({ run: runId, ...storedDigests(keys) }),
  feeds: ({ keys }) => keys.flatMap((key) => [storedDigest(key), offeredArtifact(key)]),
  *plan({ keys }, facts, inputs, host) {
    for (const key of keys) {
      const built = builtFor(key, facts.builds, facts.modules);
      if (built === undefined) {
        return stop(
          "failed",
          `${host.name} has no build of ${key.module} ${key.version} for ${key.kernel}: the task dkms_build comes before`,
        );
      }
      if (inputs[`stored ${artifactName(key)}`] === built.sha256) continue;
      yield fetchStep(key, built, provenanceOf(key, built, facts.machine, host, inputs.run));
    }
    return undefined;
  },
});
