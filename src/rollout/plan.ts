import type { Manifest } from "../config/manifest.ts";
import { type ArtifactKey, artifactName } from "../core/artifact.ts";
import { describeProofs, type JudgedProof, objectionsIn } from "../kernel/proofs.ts";
import { type Donor, SourceFinder } from "./builders.ts";
import { keysOf, lacks, type Wanted } from "./current.ts";
import { missingCompilers, missingPackages } from "./packages.ts";
import { lacksBootSpace, obstacle, unsupported } from "./support.ts";
import { buildsForItself, distributionName, type Surveyed, whyLeftOut } from "./survey.ts";
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
  /** What would have blocked it, had the user not let it pass. */
  readonly overridden?: string;
  /** The kernels it is served for. */
  readonly keys: readonly ArtifactKey[];
  /** What it compiles, for itself and for others. */
  readonly builds: readonly ArtifactKey[];
  /** Which of these it brings into the store. */
  readonly fetches: readonly ArtifactKey[];
  /** Packages it is going to be given. */
  readonly packages: readonly string[];
  /** Packages of the kernels' own compilers, which it is given where its distribution has them. */
  readonly compilers: readonly string[];
  /** What the store has for its keys, proved against it. */
  readonly proofs: readonly ProvedArtifact[];
}

/** An artifact of the store, and how its proofs come out on one host. */
export interface ProvedArtifact {
  readonly artifact: string;
  readonly proofs: readonly JudgedProof[];
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
  readonly overridden?: string;
  readonly proofs: readonly ProvedArtifact[];
}

/** Facts of the fleet in, a route with its reason for every host out. Pure, and the same for the same input. */
export function planRollout(fleet: readonly Surveyed[], wanted: Wanted, options: PlanOptions): RolloutPlan {
  const sorted = fleet.map((surveyed) => classify(surveyed, wanted, options));
  const donors = chooseDonors(sorted, wanted.manifest);
  const finder = new SourceFinder(wanted.stored, donors, buildersOf(sorted));
  const drafts = sorted.map((draft) => (draft.route.kind === "copy" ? withSource(draft, finder) : draft));
  const compilers = kernelCompilers(drafts);
  const hosts = assignFetches(
    drafts.map((draft) => finish(draft, drafts, finder, compilers, wanted)),
    wanted,
  );
  const acting = drafts.flatMap(({ surveyed, route }): Acting[] =>
    route.kind === "build" || route.kind === "copy" ? [{ surveyed, route: route.kind }] : [],
  );
  return { hosts, ...planWaves(acting, options.waves, options.autoCanary) };
}

/** The route as far as the host itself decides it; where a copy comes from is still open. */
function classify(surveyed: Surveyed, wanted: Wanted, options: PlanOptions): Draft {
  const { marks } = surveyed;
  const leftOut = whyLeftOut(marks);
  if (leftOut !== undefined) return { surveyed, keys: [], route: { kind: "skipped" }, reason: leftOut, proofs: [] };
  const keys = keysOf(surveyed, wanted);
  const proofs = provedFor(surveyed, keys, wanted);
  const overridden = options.allowUnsupported ? unsupported(surveyed, wanted.manifest) : undefined;
  const draft = (route: Route, reason: string): Draft => ({ surveyed, keys, route, reason, proofs, ...(overridden && { overridden }) });
  const isStored = keys.every((key) => wanted.stored.has(artifactName(key)));
  const problem = obstacle(surveyed, { ...wanted, isStored }, options.allowUnsupported);
  if (problem !== undefined) return draft({ kind: "blocked" }, problem);
  const missing = lacks(surveyed, wanted);
  const isBuilder = buildsForItself(surveyed, wanted.manifest.build, wanted.certificate);
  const builds = missing !== undefined && isBuilder;
  // What the store has is not for those who build for themselves.
  const misfit = isBuilder ? undefined : refusedIn(proofs, wanted);
  if (misfit !== undefined) return draft({ kind: "blocked" }, misfit);
  if (missing === undefined) return draft({ kind: "current" }, "nothing to do");
  const space = wanted.manifest.initramfs ? lacksBootSpace(surveyed) : undefined;
  if (space !== undefined) return draft({ kind: "blocked" }, space);
  return draft(builds ? { kind: "build" } : { kind: "copy", builders: [] }, missing);
}

const provedFor = (surveyed: Surveyed, keys: readonly ArtifactKey[], { prove }: Wanted): readonly ProvedArtifact[] =>
  keys.map((key) => ({ artifact: artifactName(key), proofs: prove(surveyed, key) })).filter(({ proofs }) => proofs.length > 0);

/** Why what the store has must not be used; what is only unknown is asked for before anything is put on the host. */
function refusedIn(proved: readonly ProvedArtifact[], { stored }: Wanted): string | undefined {
  for (const { artifact, proofs } of proved) {
    const refused = objectionsIn(proofs).filter(({ verdict }) => verdict === "refused");
    if (refused.length === 0) continue;
    // Of one whose provenance can't be read nothing can be pruned: what is wrong with it says what to do.
    const remedy = stored.has(artifact) ? `; "kofleet artifacts prune ${artifact}" has it built again` : "";
    return `the artifact ${artifact} does not fit: ${describeProofs(refused)}${remedy}`;
  }
  return undefined;
}

/** Hosts that build for themselves give their artifacts to the others. */
const chooseDonors = (drafts: readonly Draft[], { build }: Manifest): readonly Donor[] =>
  build === "once" ? [] : drafts.filter(({ route }) => route.kind === "build").map(({ surveyed, keys }) => ({ surveyed, keys }));

/** Hosts that may compile for others: not those that are exempt or blocked themselves. */
const buildersOf = (drafts: readonly Draft[]): readonly Surveyed[] =>
  drafts.filter(({ route, surveyed }) => route.kind !== "blocked" && surveyed.marks.exempt === undefined).map(({ surveyed }) => surveyed);

function withSource(draft: Draft, finder: SourceFinder): Draft {
  const sources = draft.keys.map((key) => finder.find(key));
  const none = sources.find((source) => source.kind === "none");
  if (none) return { ...draft, route: { kind: "blocked" }, reason: none.reason };
  const builders = new Set(sources.flatMap((source) => ("builder" in source ? [source.builder] : [])));
  return { ...draft, route: { kind: "copy", builders: [...builders] } };
}

/** Adds what a host builds: for itself, as a donor, and for kernels that it does not run. */
function finish(
  { surveyed, keys, route, proofs, ...why }: Draft,
  drafts: readonly Draft[],
  finder: SourceFinder,
  compilers: ReadonlyMap<string, string>,
  wanted: Wanted,
): HostPlan {
  const own = route.kind === "build" ? keys : [];
  const asked = new Set(finder.builds.filter(({ builder }) => builder === surveyed.name).map(({ name }) => name));
  const foreign = distinct(drafts.flatMap((draft) => draft.keys)).filter((key) => asked.has(artifactName(key)) && !includes(own, key));
  const builds = [...own, ...foreign];
  const kernels = [...new Set(builds.map(({ kernel }) => kernel))];
  const packages = builds.length === 0 ? [] : missingPackages(surveyed, kernels, wanted.manifest);
  const named = kernels.flatMap((kernel) => compilers.get(kernel) ?? []);
  const { name, host } = surveyed;
  return {
    name,
    distribution: distributionName(host),
    route,
    ...why,
    keys,
    builds,
    fetches: [],
    packages,
    compilers: missingCompilers(surveyed, named),
    proofs,
  };
}

/** What kernels were compiled with, as any host of the fleet tells. */
const kernelCompilers = (drafts: readonly Draft[]): ReadonlyMap<string, string> =>
  new Map(drafts.flatMap(({ surveyed }) => Object.entries(surveyed.machine.kernelCompilers)));

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
