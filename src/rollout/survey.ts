import type { ArtifactKey } from "../core/artifact.ts";
import type { Host } from "../core/host.ts";
import { type FleetCertificate, isKeyOnBuilders } from "../core/input.ts";
import type { EnrolledKeys } from "../facts/enrolled_keys.ts";
import type { InitramfsModule } from "../facts/initramfs.ts";
import type { KernelTrouble } from "../facts/kernel_trouble.ts";
import type { InstalledKernel, Machine } from "../facts/machine.ts";
import type { ModuleState } from "../facts/module.ts";
import type { ModuleIndex } from "../facts/module_index.ts";
import type { DkmsEntry } from "../kernel/dkms.ts";

/** What the inventory says of a host to the planner. */
export interface Marks {
  /** `builder`: whether it may compile; only: for others, and it gets no module itself; undefined: it may if it can. */
  readonly builder?: boolean | "only";
  /** `canary`: whether it may be among the first. */
  readonly canary: boolean;
  /** `kofleet_exempt`: why it is left out. */
  readonly exempt?: string;
}

/** Reads what the inventory says; anything but a boolean, or `builder: only`, is not taken for one. */
export function marksOf({ builder, canary, kofleet_exempt: exempt }: Readonly<Record<string, unknown>>): Marks {
  return {
    canary: canary === true,
    ...((typeof builder === "boolean" || builder === "only") && { builder }),
    ...(typeof exempt === "string" && exempt !== "" && { exempt }),
  };
}

/** Why a host is not to get the module; undefined: it is. */
export const whyLeftOut = ({ exempt, builder }: Marks): string | undefined =>
  exempt ?? (builder === "only" ? "it only builds, for others" : undefined);

/** A host that answered. */
export interface Surveyed {
  readonly name: string;
  readonly marks: Marks;
  readonly host: Host;
  readonly machine: Machine;
  readonly module: ModuleState;
  /** What depmod's index of the running kernel says of the module. */
  readonly index: ModuleIndex;
  /** What its dkms says of the module. */
  readonly dkms: readonly DkmsEntry[];
  /** The module inside the running kernel's initramfs. */
  readonly initramfs: InitramfsModule;
  /** Whether the initramfs tool is told to embed the module. */
  readonly isListed: boolean;
  /** Which keys its kernel trusts. */
  readonly enrolled: EnrolledKeys;
  /** What its kernel has against the module. */
  readonly trouble: KernelTrouble;
}

/** The distribution as artifacts are keyed by it: "debian 12". */
export const distributionName = (host: Host): string => `${host.distribution} ${host.distributionVersion}`.trim();

/** The kernels a host must be served for: the running one, and the one that boots next where that is known. */
export function servedKernels({ machine }: Pick<Surveyed, "machine">): readonly InstalledKernel[] {
  const releases = new Set([machine.running, machine.next ?? machine.running]);
  return machine.kernels.filter(({ release }) => releases.has(release));
}

/** The key that an artifact for one kernel of a host must have. */
export const keyFor = (
  surveyed: Surveyed,
  kernel: InstalledKernel,
  module: Pick<ArtifactKey, "module" | "version" | "source">,
): ArtifactKey => ({
  distribution: distributionName(surveyed.host),
  kernel: kernel.release,
  kernelPackage: kernel.packageVersion ?? "",
  architecture: surveyed.host.architecture,
  module: module.module,
  version: module.version,
  source: module.source,
});

/** Whether it builds for itself: where its kernel wants modules signed, only if builders have the key. */
export const buildsForItself = (
  surveyed: Pick<Surveyed, "marks" | "machine">,
  build: "each" | "once",
  certificate: FleetCertificate | undefined,
): boolean => build === "each" && isCapable(surveyed) && (!surveyed.machine.signatureEnforced || isKeyOnBuilders(certificate));

/** Whether a host may and can compile: the inventory decides; where it says nothing, a compiler and make do. */
export const isCapable = ({ marks, machine }: Pick<Surveyed, "marks" | "machine">): boolean =>
  marks.builder === undefined ? machine.compiler !== undefined && machine.make !== undefined : marks.builder !== false;
