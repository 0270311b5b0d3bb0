import pLimit from "p-limit";
import { z } from "zod";
import { isMapNeeded, type Manifest, manifestSchema, sourceDigest } from "../config/manifest.ts";
import { type ArtifactKey, artifactName, type Provenance } from "../core/artifact.ts";
import type { FleetCertificate, Input } from "../core/input.ts";
import { type Decision, defineFleetTask, type FleetMember, stop } from "../core/task.ts";
import { enrolledKeys } from "../facts/enrolled_keys.ts";
import { initramfsListed, initramfsModule } from "../facts/initramfs.ts";
import { kernelTrouble } from "../facts/kernel_trouble.ts";
import { machine } from "../facts/machine.ts";
import { moduleDkms, moduleState } from "../facts/module.ts";
import { moduleIndex } from "../facts/module_index.ts";
import { type Allowance, judgeProofs, proveModule } from "../kernel/proofs.ts";
import { type HostPlan, planRollout, type RolloutPlan } from "../rollout/plan.ts";
import { planView } from "../rollout/plan_view.ts";
import { marksOf, type Surveyed } from "../rollout/survey.ts";
import { type ReadableEvidence, readableEvidence } from "./kept_evidence.ts";
import { type OfferedArtifact, offeredArtifact } from "./offered_artifact.ts";
import { allowanceArgs, allowanceOf, fleetCertificate, groundOf, surveyedKnowledge } from "./proving.ts";

const waveSize = z.union([z.int().positive(), z.templateLiteral([z.number().positive(), "%"])]);

const facts = ({ manifest }: { readonly manifest: Manifest }, host: { readonly kernel: string }) => ({
  machine,
  module: moduleState(manifest.name),
  index: moduleIndex(manifest.name, host.kernel),
  dkms: moduleDkms(manifest.name),
  initramfs: initramfsModule(manifest.name, host.kernel),
  isListed: initramfsListed(manifest.name),
  enrolled: enrolledKeys,
  trouble: kernelTrouble(manifest.name),
});
type Facts = ReturnType<typeof facts>;

/** What the store holds of a module, and what is kept of the kernels that it is for; the maps are by the artifact's name. */
interface Stored {
  readonly provenances: ReadonlyMap<string, Provenance>;
  /** Also what can't be read, by the name of its folder. */
  readonly offers: ReadonlyMap<string, OfferedArtifact>;
  readonly kept: ReadonlyMap<string, ReadableEvidence>;
}

/** Artifacts that are read at once: each is in memory as a whole. */
const atOnce = 4;

const storedArtifacts = ({ name, version, file }: Manifest): Input<Stored> => ({
  name: `storedArtifacts ${file}`,
  async read(control) {
    const all = (await control.artifacts.list()).map(({ provenance }) => provenance);
    const own = all.filter((one) => one.module === name && one.version === version);
    const damaged = (await control.artifacts.damaged()).map((one) => [one.name, { kind: "damaged", problem: one.problem }] as const);
    const limit = pLimit(atOnce);
    const byName = async <T>(read: (one: Provenance) => Promise<T>): Promise<ReadonlyMap<string, T>> =>
      new Map(await limit.map(own, async (one) => [artifactName(one), await read(one)] as const));
    return {
      provenances: new Map(own.map((one) => [artifactName(one), one])),
      offers: new Map([...damaged, ...(await byName((one) => offeredArtifact(one).read(control)))]),
      kept: await byName((one) => readableEvidence(control, one)),
    };
  },
});

/** Proves what the store holds for a key against what a survey knows of a host. */
function proofsFor(
  key: ArtifactKey,
  surveyed: Surveyed,
  { offers, kept }: Stored,
  {
    manifest,
    certificate,
    allowance,
  }: { readonly manifest: Manifest; readonly certificate: FleetCertificate | undefined; readonly allowance: Allowance },
) {
  const name = artifactName(key);
  const offer = offers.get(name);
  if (offer === undefined || offer.kind === "none") return [];
  if (offer.kind === "damaged") return judgeProofs([{ name: "sha256", verdict: "refused", evidence: offer.problem }], allowance);
  const known = surveyedKnowledge(key, surveyed, kept.get(name) ?? { kept: [] }, certificate);
  return judgeProofs(proveModule(offer.module, groundOf(key, offer.provenance.sha256, manifest, known)), allowance);
}

const sourceSha256 = (manifest: Manifest): Input<string> => ({
  name: `sourceSha256 ${manifest.file}`,
  read: async () => (await sourceDigest(manifest)).sha256,
});

/** Decides for the whole fleet how each host gets the module, who builds it, and in which waves it is activated. */
export const rolloutPlan = defineFleetTask({
  name: "rollout_plan",
  summary: "Decides for every host how it gets the module, who builds it, and in which waves it is activated.",
  args: z.strictObject({
    manifest: manifestSchema,
    waves: z.array(waveSize).default(["10%"]),
    auto_canary: z.boolean().default(false),
    allow_unsupported: z.boolean().default(false),
    ...allowanceArgs,
  }),
  facts,
  inputs: ({ manifest }) => ({ stored: storedArtifacts(manifest), source: sourceSha256(manifest), certificate: fleetCertificate }),
  decide({ manifest, waves, auto_canary, allow_unsupported, ...args }, fleet, { stored, source, certificate }) {
    const wanted = { manifest, certificate, allowance: allowanceOf(args) };
    const prove = (surveyed: Surveyed, key: ArtifactKey) => proofsFor(key, surveyed, stored, wanted);
    const plan = planRollout(
      [...fleet].flatMap(surveyedOf),
      { manifest, source, stored: stored.provenances, certificate, prove },
      { waves, autoCanary: auto_canary, allowUnsupported: allow_unsupported },
    );
    return decisionOf(plan, manifest);
  },
});

function surveyedOf([name, member]: readonly [string, FleetMember<Facts>]): Surveyed[] {
  if (member.kind !== "answered") return [];
  return [{ name, host: member.host, marks: marksOf(member.vars), ...member.facts }];
}

function decisionOf(plan: RolloutPlan, manifest: Manifest): Decision {
  const of = (kind: HostPlan["route"]["kind"]) => plan.hosts.filter(({ route }) => route.kind === kind);
  return {
    vars: new Map(plan.hosts.map((host) => [host.name, varsOf(host, manifest)])),
    stops: new Map(of("blocked").map(({ name, reason }) => [name, stop("blocked", reason)])),
    // Who only builds goes on, to build.
    skips: new Map(
      of("skipped")
        .filter(({ builds }) => builds.length === 0)
        .map(({ name, reason }) => [name, reason]),
    ),
    waves: plan.waves,
    summary: planView(plan, manifest),
  };
}

/** What the plays of `playbooks/rollout.yaml` see of a host's plan. */
const varsOf = ({ route, keys, builds, fetches, packages, compilers }: HostPlan, manifest: Manifest) => ({
  route: route.kind,
  is_due: route.kind === "build" || route.kind === "copy",
  kernels: keys.map(({ kernel }) => kernel),
  artifacts: keys,
  builds,
  fetches,
  build_packages: packages,
  kernel_compilers: compilers,
  needs_map: isMapNeeded(manifest) && builds.length > 0,
});
