import { z } from "zod";
import { type Manifest, manifestSchema } from "../config/manifest.ts";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import { defineTask, type Plan, stop } from "../core/task.ts";
import { enrolledKeys } from "../facts/enrolled_keys.ts";
import { machine } from "../facts/machine.ts";
import { type ModuleState, moduleState } from "../facts/module.ts";
import { placeOf } from "../facts/module_file.ts";
import type { Allowance } from "../kernel/proofs.ts";
import { artifactKey } from "./arguments.ts";
import { type KeptEvidence, keptEvidenceOf } from "./kept_evidence.ts";
import { destinationOf, filesOf, placeSteps, removeRival, rivalsOf } from "./module_destination.ts";
import { type OfferedArtifact, type Offers, offersOf } from "./offered_artifact.ts";
import {
  allowanceArgs,
  allowanceOf,
  fleetCertificate,
  groundOf,
  type Knowledge,
  kernelObjection,
  knowledgeOf,
  type Proved,
  prove,
  sourcesOf,
} from "./proving.ts";
import { isStop, supportedDistribution } from "./supported.ts";

type Inputs = Offers & KeptEvidence & { readonly certificate: typeof fleetCertificate };

interface Wish {
  readonly key: ArtifactKey;
  readonly manifest: Manifest;
  readonly allowance: Allowance;
}

/** Proves what the store offers for a key against a host. */
function proveOffer({ key, manifest, allowance }: Wish, offer: OfferedArtifact | undefined, known: Knowledge): Proved {
  const name = artifactName(key);
  const refused = (refusal: Proved["refusal"]): Proved => ({ proofs: [], refusal });
  if (offer === undefined || offer.kind === "none")
    return refused(stop("failed", `the store has no artifact ${name}: the task artifact_fetch comes before`));
  if (offer.kind === "damaged") return refused(stop("blocked", `the artifact ${name} may not be used: ${offer.problem}`));
  const objection = kernelObjection(key, known.machine, known.host);
  if (objection) return refused(objection);
  return prove(`the artifact ${name}`, offer.module, groundOf(key, offer.provenance.sha256, manifest, known), allowance, known.host);
}

function* bring(wish: Wish, offer: OfferedArtifact | undefined, known: Knowledge, state: ModuleState): Plan {
  const { machine: built, host } = known;
  const distribution = supportedDistribution(host);
  if (isStop(distribution)) return distribution;
  const { refusal } = proveOffer(wish, offer, known);
  if (refusal || offer?.kind !== "sound") return refusal;
  const { key } = wish;
  const destination = destinationOf(key, built, distribution, host);
  const present = filesOf(state, key.kernel).find((file) => placeOf(file) === destination.place);
  if (present?.sha256 !== offer.module.sha256) yield* placeSteps(destination, offer, host);
  for (const rival of rivalsOf(state, destination)) yield removeRival(rival, key.module);
  return undefined;
}

/** Puts artifacts where the distribution wants them, one per kernel, each only after it was proved to fit. */
export const moduleFile = defineTask({
  name: "module_file",
  summary: "Puts an artifact where the distribution wants it, for one or more kernels, once it is proved to fit.",
  args: z.strictObject({ manifest: manifestSchema, keys: z.array(artifactKey).min(1), ...allowanceArgs }),
  facts: ({ manifest, keys }) => ({ machine, enrolled: enrolledKeys, state: moduleState(manifest.name), ...sourcesOf(manifest, keys) }),
  inputs: ({ keys }): Inputs => ({ certificate: fleetCertificate, ...offersOf(keys), ...keptEvidenceOf(keys) }),
  *plan({ manifest, keys, ...args }, facts, inputs, host) {
    for (const key of keys) {
      const wish = { key, manifest, allowance: allowanceOf(args) };
      const refusal = yield* bring(wish, inputs[`offer ${artifactName(key)}`], knowledgeOf(key, facts, inputs, host), facts.state);
      if (refusal) return refusal;
    }
    return undefined;
  },
  result: ({ manifest, keys, ...args }, facts, inputs, host) => ({
    files: keys.flatMap(({ kernel }) => filesOf(facts.state, kernel).map(({ path, sha256 }) => ({ kernel, path, sha256 }))),
    proofs: keys.map((key) => {
      const wish = { key, manifest, allowance: allowanceOf(args) };
      const { proofs } = proveOffer(wish, inputs[`offer ${artifactName(key)}`], knowledgeOf(key, facts, inputs, host));
      return { artifact: artifactName(key), proofs };
    }),
  }),
});
