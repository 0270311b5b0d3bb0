import type { Host } from "../core/host.ts";
import type { BootFiles } from "../facts/boot_files.ts";
import type { EnrolledKeys } from "../facts/enrolled_keys.ts";
import type { InitramfsModule } from "../facts/initramfs.ts";
import type { KernelTrouble } from "../facts/kernel_trouble.ts";
import type { Machine } from "../facts/machine.ts";
import type { ModuleState } from "../facts/module.ts";
import { type ModuleFile, placeOf } from "../facts/module_file.ts";
import type { ModuleIndex } from "../facts/module_index.ts";
import type { ModuleLoading } from "../facts/module_loading.ts";
import type { DkmsEntry } from "../kernel/dkms.ts";
import type { Duplicates } from "../report/status_table.ts";

/** What one host told of itself. */
export interface SeenHost {
  readonly host: Host;
  readonly machine: Machine;
  readonly enrolled: EnrolledKeys;
}

/** What one host told of itself and of a module. */
export interface SeenModule extends SeenHost {
  readonly module: ModuleState;
  readonly dkms: readonly DkmsEntry[];
  readonly initramfs: InitramfsModule;
  readonly isListed: boolean;
  readonly trouble: KernelTrouble;
  readonly loading: ModuleLoading;
  /** Of the kernels that the host must have the module for, by release. */
  readonly bootFiles: Readonly<Record<string, BootFiles>>;
  /** Hooks that take the module out of dkms at each kernel's installation. */
  readonly removingHooks: readonly string[];
  /** Of the kernel that boots next, where that is another one than runs. */
  readonly nextIndex: ModuleIndex | undefined;
}

/** The module's files for one kernel. */
export interface KernelFiles {
  readonly all: readonly ModuleFile[];
  /** The one that modprobe takes; undefined: none of them. */
  readonly taken: ModuleFile | undefined;
  /** The one that counts: what modprobe takes, or else the only one. */
  readonly found: ModuleFile | undefined;
}

/** The kernels that a host must have the module for. */
export const releasesOf = ({ machine: { running, next } }: SeenHost): readonly string[] => [...new Set([running, next ?? running])];

/** Where the file that modprobe takes lies below the kernel's folder. */
function placeTaken({ machine, loading: { target }, nextIndex }: SeenModule, kernel: string): string | undefined {
  if (kernel !== machine.running) return nextIndex?.listed;
  return target.kind === "file" ? placeOf({ kernel, path: target.path }) : undefined;
}

/** The module's files for one kernel. Which of several wins is up to depmod's search order, so modprobe's own answer counts. */
export function filesFor(seen: SeenModule, kernel: string): KernelFiles {
  const all = seen.module.files.filter((file) => file.kernel === kernel);
  const place = placeTaken(seen, kernel);
  const taken = all.find((file) => placeOf(file) === place);
  return { all, taken, found: taken ?? (all.length === 1 ? all[0] : undefined) };
}

/** Whether modprobe takes none of the files because depmod has not seen them, not because the host is told so. */
export function isUnindexed(seen: SeenModule, kernel: string): boolean {
  const { loading, machine } = seen;
  const isKept = kernel === machine.running && (loading.denial !== undefined || loading.target.kind === "built-in");
  const { all, taken } = filesFor(seen, kernel);
  return all.length > 0 && taken === undefined && !isKept;
}

/** The kernels that have several files of the module, though one is all that modprobe takes. */
export function duplicatesOf(seen: SeenModule): readonly Duplicates[] {
  return releasesOf(seen).flatMap((kernel): Duplicates[] => {
    const { all, taken } = filesFor(seen, kernel);
    if (all.length < 2) return [];
    const others = all.filter((file) => file !== taken).map(({ path }) => path);
    return [{ kernel, ...(taken && { taken: taken.path }), others }];
  });
}
