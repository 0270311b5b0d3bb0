import type { Manifest } from "../config/manifest.ts";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import { type Donor, SourceFinder } from "./builders.ts";
import { keysOf, lacks, type Wanted } from "./current.ts";
import { missingPackages } from "./packages.ts";
import { lacksBootSpace, obstacle } from "./support.ts";
import { distributionName, isCapable, type Surveyed } from "./survey.ts";
import { type Acting, planWaves, type WaveSize } from "./waves.ts";

/** How a host gets the module. */
export type Route =
  | { readonly kind: "current" }
  | { readonly kind: "build" }
  /** No builders: all from the store. */
  | { readonly kind: "copy"; readonly builders: readonly string[] }
  | { readonly kind: "blocked" }
  | { readonly kind: "skipped" };

/** What is to happen on one host. */
export interface HostPlan {
  readonly name: string;
  /** Such as "debian 12". */
  readonly distribution: string;
  readonly route: Route;
  /** Why this route. */
  readonly reason: string;
  /** The kernels it is served for. */
  readonly keys: readonly ArtifactKey[];
  /** What it compiles, for itself and for others. */
  readonly builds: readonly ArtifactKey[];
  /** Which of these it brings into the store. */
  readonly fetches: readonly ArtifactKey[];
  /** Packages it is going to be given. */
  readonly packages: readonly string[];
}

/** The plan for a fleet. Hosts that did not answer are in none of it. */
export interface RolloutPlan {
  readonly hosts: readonly HostPlan[];
  readonly waves: readonly (readonly string[])[];
  /** Combinations of distribution, kernel, architecture and route that no canary covers. */
  readonly uncovered: readonly string[];
}

/** What the user may decide beyond the manifest. */
export interface PlanOptions {
  readonly allowUnsupported: boolean;
  readonly autoCanary: boolean;
  readonly waves: readonly WaveSize[];
}

interface Draft {
  readonly surveyed: Surveyed;
  readonly keys: readonly ArtifactKey[];
  readonly route: Route;
  readonly reason: string;
}

/** Facts of the fleet in, a route with its reason for every host out. Pure, and the same for the same input. */
export function planRollout(fleet: readonly Surveyed[], wanted: Wanted, options: PlanOptions): RolloutPlan {
  const sorted = fleet.map((surveyed) => classify(surveyed, wanted, options));
  const donors = chooseDonors(sorted, wanted.manifest);
  const finder = new SourceFinder(wanted.stored, donors, buildersOf(sorted));
  const drafts = sorted.map((draft) => (draft.route.kind === "copy" ? withSource(draft, finder) : draft));
  const hosts = assignFetches(
    drafts.map((draft) => finish(draft, drafts, finder, wanted)),
    wanted,
  );
  const acting = drafts.flatMap(({ surveyed, route }): Acting[] =>
    route.kind === "build" || route.kind === "copy" ? [{ surveyed, route: route.kind }] : [],
  );
  return { hosts, ...planWaves(acting, options.waves, options.autoCanary) };
}

/** The route as far as the host itself decides it; where a copy comes from is still open. */
function classify(surveyed: Surveyed, wanted: Wanted, options: PlanOptions): Draft {
  const draft = (route: Route, reason: string): Draft => ({ surveyed, keys: keysOf(surveyed, wanted), route, reason });
  const { marks } = surveyed;
  if (marks.exempt !== undefined) return { surveyed, keys: [], route: { kind: "skipped" }, reason: marks.exempt };
  const problem = obstacle(surveyed, wanted.manifest, options.allowUnsupported);
  if (problem !== undefined) return draft({ kind: "blocked" }, problem);
  const missing = lacks(surveyed, wanted);
  if (missing === undefined) return draft({ kind: "current" }, "nothing to do");
  const space = wanted.manifest.initramfs ? lacksBootSpace(surveyed) : undefined;
  if (space !== undefined) return draft({ kind: "blocked" }, space);
  if (isCapable(surveyed) && wanted.manifest.build === "each") return draft({ kind: "build" }, missing);
  return draft({ kind: "copy", builders: [] }, missing);
}

/** Hosts that build for themselves give their artifacts to the others. */
const chooseDonors = (drafts: readonly Draft[], { build }: Manifest): readonly Donor[] =>
  build === "once" ? [] : drafts.filter(({ route }) => route.kind === "build").map(({ surveyed, keys }) => ({ surveyed, keys }));

/** Hosts that may compile for others: not those that are exempt or blocked themselves. */
const buildersOf = (drafts: readonly Draft[]): readonly Surveyed[] =>
  drafts.filter(({ route }) => route.kind !== "blocked" && route.kind !== "skipped").map(({ surveyed }) => surveyed);

function withSource(draft: Draft, finder: SourceFinder): Draft {
  const sources = draft.keys.map((key) => finder.find(key));
  const none = sources.find((source) => source.kind === "none");
  if (none) return { ...draft, route: { kind: "blocked" }, reason: none.reason };
  const builders = new Set(sources.flatMap((source) => ("builder" in source ? [source.builder] : [])));
  return { ...draft, route: { kind: "copy", builders: [...builders] } };
}

/** Adds what a host builds: for itself, as a donor, and for kernels that it does not run. */
function finish({ surveyed, keys, route, reason }: Draft, drafts: readonly Draft[], finder: SourceFinder, wanted: Wanted): HostPlan {
  const own = route.kind === "build" ? keys : [];
  const asked = new Set(finder.builds.filter(({ builder }) => builder === surveyed.name).map(({ name }) => name));
  const foreign = distinct(drafts.flatMap((draft) => draft.keys)).filter((key) => asked.has(artifactName(key)) && !includes(own, key));
  const builds = [...own, ...foreign];
  const kernels = [...new Set(builds.map(({ kernel }) => kernel))];
  const packages = builds.length === 0 ? [] : missingPackages(surveyed, kernels, wanted.manifest);
  return { name: surveyed.name, distribution: distributionName(surveyed.host), route, reason, keys, builds, fetches: [], packages };
}

/** One host per key brings what it built into the store, also where nobody else needs it: that is how a later survey knows the build again. */
function assignFetches(hosts: readonly HostPlan[], { stored }: Wanted): HostPlan[] {
  const taken = new Set(stored.keys());
  return hosts.map((host) => {
    const fetches = host.builds.filter((key) => !taken.has(artifactName(key)));
    for (const key of fetches) taken.add(artifactName(key));
    return { ...host, fetches };
  });
}

const distinct = (keys: readonly ArtifactKey[]): ArtifactKey[] => [...new Map(keys.map((key) => [artifactName(key), key])).values()];
const includes = (keys: readonly ArtifactKey[], key: ArtifactKey): boolean =>
  keys.some((other) => artifactName(other) === artifactName(key));
