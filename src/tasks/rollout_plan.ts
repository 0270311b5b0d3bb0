import { z } from "zod";
import { type Manifest, manifestSchema, sourceDigest } from "../config/manifest.ts";
import { artifactName, type Provenance } from "../core/artifact.ts";
import type { Input } from "../core/input.ts";
import { type Decision, defineFleetTask, type FleetMember, stop } from "../core/task.ts";
import { initramfsListed, initramfsModule } from "../facts/initramfs.ts";
import { machine } from "../facts/machine.ts";
import { moduleDkms, moduleState } from "../facts/module.ts";
import { type HostPlan, planRollout, type RolloutPlan } from "../rollout/plan.ts";
import { planView } from "../rollout/plan_view.ts";
import type { Marks, Surveyed } from "../rollout/survey.ts";

const waveSize = z.union([z.int().positive(), z.templateLiteral([z.number().positive(), "%"])]);

const facts = ({ manifest }: { readonly manifest: Manifest }, host: { readonly kernel: string }) => ({
  machine,
  module: moduleState(manifest.name),
  dkms: moduleDkms(manifest.name),
  initramfs: initramfsModule(manifest.name, host.kernel),
  isListed: initramfsListed(manifest.name),
});
type Facts = ReturnType<typeof facts>;

const storedArtifacts: Input<readonly Provenance[]> = {
  name: "storedArtifacts",
  read: async ({ artifacts }) => (await artifacts.list()).map(({ provenance }) => provenance),
};

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
  }),
  facts,
  inputs: ({ manifest }) => ({ stored: storedArtifacts, source: sourceSha256(manifest) }),
  decide({ manifest, waves, auto_canary, allow_unsupported }, fleet, { stored, source }) {
    const known = new Map(stored.map((provenance) => [artifactName(provenance), provenance]));
    const plan = planRollout(
      [...fleet].flatMap(surveyedOf),
      { manifest, source, stored: known },
      { waves, autoCanary: auto_canary, allowUnsupported: allow_unsupported },
    );
    return decisionOf(plan, manifest);
  },
});

function surveyedOf([name, member]: readonly [string, FleetMember<Facts>]): Surveyed[] {
  if (member.kind !== "answered") return [];
  return [{ name, host: member.host, marks: marksOf(member.vars), ...member.facts }];
}

/** What the inventory says of a host to the planner; anything but a boolean is not taken for one. */
function marksOf(vars: Readonly<Record<string, unknown>>): Marks {
  const { builder, canary, kofleet_exempt: exempt } = vars;
  return {
    canary: canary === true,
    ...(typeof builder === "boolean" && { builder }),
    ...(typeof exempt === "string" && exempt !== "" && { exempt }),
  };
}

function decisionOf(plan: RolloutPlan, manifest: Manifest): Decision {
  const of = (kind: HostPlan["route"]["kind"]) => plan.hosts.filter(({ route }) => route.kind === kind);
  return {
    vars: new Map(plan.hosts.map((host) => [host.name, varsOf(host)])),
    stops: new Map(of("blocked").map(({ name, reason }) => [name, stop("blocked", reason)])),
    skips: new Map(of("skipped").map(({ name, reason }) => [name, reason])),
    waves: plan.waves,
    summary: planView(plan, manifest),
  };
}

/** What the plays of `playbooks/rollout.yaml` see of a host's plan. */
const varsOf = ({ route, keys, builds, fetches, packages }: HostPlan) => ({
  route: route.kind,
  kernels: keys.map(({ kernel }) => kernel),
  artifacts: keys,
  builds,
  build_kernels: builds.map(({ kernel }) => kernel),
  fetches,
  build_packages: packages,
});
