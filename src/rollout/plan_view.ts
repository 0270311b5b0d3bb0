import { artifactName } from "../core/artifact.ts";
import type { PlannedBuild, PlannedHost, PlanView } from "../report/plan_table.ts";
import type { HostPlan, RolloutPlan } from "./plan.ts";

/** A plan as people are shown it, and as the journal keeps it. */
export const planView = (plan: RolloutPlan, module: { readonly name: string; readonly version: string }): PlanView => ({
  module: module.name,
  version: module.version,
  hosts: plan.hosts.map((host) => plannedHost(host, plan)),
  builds: plan.hosts.flatMap((host) => plannedBuilds(host, plan)),
  waves: plan.waves,
  uncovered: plan.uncovered,
  proofs: plan.hosts.flatMap(({ name, proofs }) => proofs.map((one) => ({ host: name, ...one }))),
});

function plannedHost(
  { name, route, reason, overridden, distribution, keys, packages, compilers }: HostPlan,
  { waves }: RolloutPlan,
): PlannedHost {
  const wave = waves.findIndex((hosts) => hosts.includes(name));
  return {
    host: name,
    distribution,
    kernels: keys.map(({ kernel }) => kernel),
    route: route.kind,
    reason,
    ...(overridden !== undefined && { overridden }),
    packages: [...packages, ...compilers],
    ...(route.kind === "copy" && route.builders.length > 0 && { builder: route.builders.join(", ") }),
    ...(wave >= 0 && { wave: wave + 1 }),
  };
}

const plannedBuilds = ({ name: builder, builds }: HostPlan, { hosts }: RolloutPlan): PlannedBuild[] =>
  builds.map((key) => ({
    kernel: key.kernel,
    builder,
    forHosts: hosts.filter((host) => isServedBy(host, builder, artifactName(key))).map(({ name }) => name),
  }));

const isServedBy = ({ name, route, keys }: HostPlan, builder: string, artifact: string): boolean =>
  (name === builder ? route.kind === "build" : route.kind === "copy" && route.builders.includes(builder)) &&
  keys.some((key) => artifactName(key) === artifact);
