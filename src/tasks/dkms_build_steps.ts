import type { Manifest } from "../config/manifest.ts";
import type { Host } from "../core/host.ts";
import { type Change, change, type Step, type Undo, unknown } from "../core/step.ts";
import { type BuiltFrom, builtModules, type DkmsBuild, dkmsBuilds } from "../facts/dkms.ts";
import { hostTree } from "../facts/dkms_script.ts";
import type { Machine } from "../facts/machine.ts";
import { type ModuleState, moduleDkms, moduleState } from "../facts/module.ts";
import { moduleIndex } from "../facts/module_index.ts";
import { moduleLoading } from "../facts/module_loading.ts";
import type { DkmsEntry } from "../kernel/dkms.ts";
import type { Allowance } from "../kernel/proofs.ts";
import { buildScript } from "./dkms_build_script.ts";
import { installScript } from "./dkms_install_script.ts";

/** A build of one kernel on one host. */
export interface Job {
  readonly manifest: Manifest;
  readonly kernel: string;
  /** What it has to be built from. */
  readonly from: BuiltFrom;
  readonly host: Host;
  readonly allowance: Allowance;
}

const withBuild = (builds: readonly DkmsBuild[], added: DkmsBuild): readonly DkmsBuild[] => [
  ...builds.filter(({ kernel, tree }) => kernel !== added.kernel || tree !== added.tree),
  added,
];

const noteOf = ({ source, kernelPackage, symbolMap = "-", signer }: BuiltFrom): string =>
  [source, kernelPackage, symbolMap, ...(signer === undefined ? [] : [signer])].join(" ");

/** Builds in kofleet's own dkms tree. */
export function buildStep({ manifest: { name, version }, kernel, from, host }: Job, known: Machine): Step {
  const { architecture } = host;
  const vermagic = known.kernels.find(({ release }) => release === kernel)?.vermagic ?? "";
  const isSigned = known.signatureEnforced || from.signer !== undefined;
  const added: DkmsBuild = { kernel, architecture, tree: "private", from, isOutdated: false, isInstalled: false };
  return {
    kind: "script",
    title: `build ${name} ${version} for ${kernel}`,
    script: buildScript,
    args: [name, version, kernel, architecture, noteOf(from), vermagic, isSigned ? "signed" : "unsigned", from.signer ?? ""],
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

function installChanges({ manifest: { name, version }, kernel, from, host }: Job): readonly Change[] {
  const { architecture } = host;
  const added: DkmsBuild = { kernel, architecture, tree: "host", from, isOutdated: false, isInstalled: true };
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

/** Hands a build over to the host's dkms, and installs it. */
export function installStep(job: Job, folder: string, state: ModuleState, entries: readonly DkmsEntry[]): Step {
  const { manifest, kernel, host } = job;
  return {
    kind: "script",
    title: `install ${manifest.name} ${manifest.version} for ${kernel} with dkms`,
    script: installScript,
    args: [manifest.name, manifest.version, kernel, host.architecture, folder],
    detached: true,
    changes: installChanges(job),
    undo: undoInstall(job, state, entries),
  };
}
