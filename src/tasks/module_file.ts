import { z } from "zod";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import type { Input } from "../core/input.ts";
import { defineTask, type Plan, type Stop, stop } from "../core/task.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { type ModuleState, moduleState } from "../facts/module.ts";
import { placeOf } from "../facts/module_file.ts";
import { proveIdentity } from "../kernel/proof_identity.ts";
import { artifactKey, moduleName } from "./arguments.ts";
import { destinationOf, filesOf, placeSteps, removeRival, rivalsOf } from "./module_destination.ts";
import { type OfferedArtifact, offeredArtifact, type SoundArtifact } from "./offered_artifact.ts";
import { isStop, supportedDistribution } from "./supported.ts";

type Offers = Readonly<Record<`offer ${string}`, Input<OfferedArtifact>>>;
const offersOf = (keys: readonly ArtifactKey[]): Offers =>
  Object.fromEntries(keys.map((key) => [`offer ${artifactName(key)}`, offeredArtifact(key)]));

/** Why an artifact may not be put on this host: every value that differs is shown beside what it must be. */
function objection(key: ArtifactKey, { module, provenance }: SoundArtifact, known: Machine, host: Host): Stop | undefined {
  const kernel = known.kernels.find(({ release }) => release === key.kernel);
  if (kernel === undefined) return stop("failed", `kernel ${key.kernel} is not installed on ${host.name}`);
  const proofs = proveIdentity(module, {
    sha256: provenance.sha256,
    module: key.module,
    architecture: host.architecture,
    vermagic: kernel.vermagic,
  });
  const bad = proofs.filter(({ verdict }) => verdict !== "holds").map(({ name, evidence }) => `${name}: ${evidence}`);
  if (kernel.packageVersion !== key.kernelPackage) {
    bad.unshift(`kernel package: it is for "${key.kernelPackage}", but must be for "${kernel.packageVersion ?? "unknown"}"`);
  }
  return bad.length === 0 ? undefined : stop("blocked", `the artifact ${artifactName(key)} does not fit ${host.name}: ${bad.join("; ")}`);
}

interface Known {
  readonly machine: Machine;
  readonly state: ModuleState;
}

function* bring(key: ArtifactKey, offer: OfferedArtifact | undefined, known: Known, host: Host): Plan {
  const distribution = supportedDistribution(host);
  if (isStop(distribution)) return distribution;
  const name = artifactName(key);
  if (offer === undefined || offer.kind === "none")
    return stop("failed", `the store has no artifact ${name}: the task artifact_fetch comes before`);
  if (offer.kind === "damaged") return stop("blocked", `the artifact ${name} may not be used: ${offer.problem}`);
  const destination = destinationOf(key, known.machine, distribution, host);
  const present = filesOf(known.state, key.kernel).find((file) => placeOf(file) === destination.place);
  if (present?.sha256 !== offer.module.sha256) {
    const refusal = objection(key, offer, known.machine, host);
    if (refusal) return refusal;
    yield* placeSteps(destination, offer, host);
  }
  for (const rival of rivalsOf(known.state, destination)) yield removeRival(rival, key.module);
  return undefined;
}

/** Puts artifacts where the distribution wants them, one per kernel, each only after it was proved to fit. */
export const moduleFile = defineTask({
  name: "module_file",
  summary: "Puts an artifact where the distribution wants it, for one or more kernels, once it is proved to fit.",
  args: z.strictObject({ module: moduleName, keys: z.array(artifactKey).min(1) }),
  facts: ({ module }) => ({ machine, state: moduleState(module) }),
  inputs: ({ keys }) => offersOf(keys),
  *plan({ keys }, facts, inputs, host) {
    for (const key of keys) {
      const refusal = yield* bring(key, inputs[`offer ${artifactName(key)}`], facts, host);
      if (refusal) return refusal;
    }
    return undefined;
  },
  result: ({ keys }, { state }) => ({
    files: keys.flatMap(({ kernel }) => filesOf(state, kernel).map(({ path, sha256 }) => ({ kernel, path, sha256 }))),
  }),
});
