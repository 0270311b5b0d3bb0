import { z } from "zod";
import { type Manifest, manifestSchema } from "../config/manifest.ts";
import type { Host } from "../core/host.ts";
import { type Change, change, type Step, type Undo, unknown } from "../core/step.ts";
import { defineTask, type Stop, stop } from "../core/task.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { buildOf, builtModules, type DkmsBuild, dkmsBuilds } from "../facts/dkms.ts";
import { hostTree } from "../facts/dkms_script.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { type ModuleState, moduleDkms, moduleState } from "../facts/module.ts";
import { moduleIndex } from "../facts/module_index.ts";
import { moduleLoading } from "../facts/module_loading.ts";
import { sourceFolder, sourceTree } from "../facts/source_tree.ts";
import type { DkmsEntry } from "../kernel/dkms.ts";
import { kernelReleases } from "./arguments.ts";
import { buildScript } from "./dkms_build_script.ts";
import { installScript } from "./dkms_install_script.ts";
import { isLaidOut, laidOutSource } from "./laid_out_source.ts";
import { isStop, supportedDistribution } from "./supported.ts";

/** What a kernel lacks on this host before anything can be built for it. */
function lacking(kernel: string, { dkms, compiler, make, headers }: Machine, distribution: Distribution): Stop | undefined {
  const missing = [
    ...(dkms === undefined ? distribution.dkmsPackages() : []),
    ...(compiler === undefined || make === undefined ? distribution.compilerPackages() : []),
    ...(headers.includes(kernel) ? [] : [distribution.headersPackage(kernel)]),
  ];
  return missing.length === 0
    ? undefined
    : stop("failed", `cannot build for ${kernel} without ${missing.join(", ")}: install them before, with the task package`);
}

interface Job {
  readonly manifest: Manifest;
  readonly kernel: string;
  readonly host: Host;
}

const withBuild = (builds: readonly DkmsBuild[], added: DkmsBuild): readonly DkmsBuild[] => [
  ...builds.filter(({ kernel, tree }) => kernel !== added.kernel || tree !== added.tree),
  added,
];

function buildStep({ manifest: { name, version }, kernel, host }: Job, source: string, known: Machine): Step {
  const { architecture } = host;
  const vermagic = known.kernels.find(({ release }) => release === kernel)?.vermagic ?? "";
  const added: DkmsBuild = { kernel, architecture, tree: "private", source, isOutdated: false, isInstalled: false };
  return {
    kind: "script",
    title: `build ${name} ${version} for ${kernel}`,
    script: buildScript,
    args: [name, version, kernel, architecture, source, vermagic, known.signatureEnforced ? "signed" : "unsigned"],
    detached: true,
    changes: [change(dkmsBuilds(name, version), (builds) => withBuild(builds, added)), change(builtModules(name, version), () => unknown)],
    undo: { restore: [] },
  };
}

/** Back to the version that dkms had installed, to the files that lay there, or to nothing. */
function undoInstall({ manifest: { name, version }, kernel, host }: Job, state: ModuleState, entries: readonly DkmsEntry[]): Undo {
  const { architecture } = host;
  const identity = (other: string) => ["-m", name, "-v", other, "-k", kernel, "-a", architecture] as const;
  const former = entries.find((entry) => entry.kernel === kernel && entry.state === "installed" && entry.version !== version);
  if (former) return { run: ["dkms", "install", "--force", ...identity(former.version)] };
  const files = state.files.filter((file) => file.kernel === kernel).map(({ path }) => path);
  if (files.length > 0) return { restore: [...files, `${hostTree}/${name}`] };
  return { run: ["dkms", "uninstall", ...identity(version)] };
}

function installChanges({ manifest: { name, version }, kernel, host }: Job, source: string): readonly Change[] {
  const { architecture } = host;
  const added: DkmsBuild = { kernel, architecture, tree: "host", source, isOutdated: false, isInstalled: true };
  return [
    change(dkmsBuilds(name, version), (builds) =>
      withBuild(builds, added).filter((one) => one.kernel !== kernel || one.tree !== "private"),
    ),
    change(builtModules(name, version), () => unknown),
    change(moduleState(name), () => unknown),
    change(moduleDkms(name), () => unknown),
    change(moduleIndex(name, kernel), () => unknown),
    change(moduleLoading(name), () => unknown),
  ];
}

function installStep(job: Job, folder: string, source: string, state: ModuleState, entries: readonly DkmsEntry[]): Step {
  const { manifest, kernel, host } = job;
  return {
    kind: "script",
    title: `install ${manifest.name} ${manifest.version} for ${kernel} with dkms`,
    script: installScript,
    args: [manifest.name, manifest.version, kernel, host.architecture, folder],
    detached: true,
    changes: installChanges(job, source),
    undo: undoInstall(job, state, entries),
  };
}

/** Builds a module with dkms, for kernels that run and kernels that don't; installs only what was looked at. */
export const dkmsBuild = defineTask({
  name: "dkms_build",
  summary: "Builds a module with dkms for one or more kernels, in a private place; with state: installed, installs what passed.",
  args: z.strictObject({
    manifest: manifestSchema,
    kernels: kernelReleases,
    state: z.enum(["built", "installed"]).default("installed"),
  }),
  facts: ({ manifest: { name, version } }) => ({
    machine,
    builds: dkmsBuilds(name, version),
    tree: sourceTree(sourceFolder(name, version)),
    module: moduleState(name),
    entries: moduleDkms(name),
  }),
  inputs: ({ manifest }) => ({ source: laidOutSource(manifest) }),
  *plan({ manifest, kernels, state }, facts, { source }, host) {
    const { name, version } = manifest;
    const distribution = supportedDistribution(host);
    if (isStop(distribution)) return distribution;
    for (const kernel of kernels) {
      const job: Job = { manifest, kernel, host };
      const build = buildOf(facts.builds, kernel, source.sha256);
      if (build?.isInstalled || (build && state === "built")) continue;
      if (build === undefined) {
        const lack = lacking(kernel, facts.machine, distribution);
        if (lack) return lack;
        if (!isLaidOut(source, facts.tree)) {
          return stop(
            "failed",
            `${sourceFolder(name, version)} is not the manifest's source: lay it out before, with the task dkms_source`,
          );
        }
        yield buildStep(job, source.sha256, facts.machine);
      }
      if (state === "installed")
        yield installStep(job, distribution.moduleInstallFolder(host, kernel), source.sha256, facts.module, facts.entries);
    }
    return undefined;
  },
  result: ({ kernels }, { builds }, { source }) => ({
    source: source.sha256,
    builds: Object.fromEntries(kernels.map((kernel) => [kernel, buildOf(builds, kernel, source.sha256)])),
  }),
});
