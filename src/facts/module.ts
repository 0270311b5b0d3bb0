import type { Fact } from "../core/fact.ts";
import type { DkmsEntry } from "../kernel/dkms.ts";

/** One file of the module below /lib/modules. */
export interface ModuleFile {
  /** The kernel release whose folder it lies in. */
  readonly kernel: string;
  readonly path: string;
  /** Where it leads, if it is a link, as weak-modules makes them. */
  readonly target: string | undefined;
  readonly version: string | undefined;
  /** undefined: the file is no module that modinfo can read (truncated, say). */
  readonly vermagic: string | undefined;
  readonly srcversion: string | undefined;
  /** The linker's build id, in hex. */
  readonly buildId: string | undefined;
  /** sha256 of the module itself, uncompressed; undefined: it can't be uncompressed. */
  readonly sha256: string | undefined;
}

/** The module in the running kernel. */
export interface LoadedModule {
  readonly version: string | undefined;
  readonly srcversion: string | undefined;
  /** The linker's build id, in hex. */
  readonly buildId: string | undefined;
  /** Its reference count, holders included; undefined: this kernel can't unload modules. */
  readonly users: number | undefined;
  /** Names of the modules that use it. */
  readonly holders: readonly string[];
}

/** What a host has of one module. */
export interface ModuleState {
  readonly dkms: readonly DkmsEntry[];
  readonly files: readonly ModuleFile[];
  /** undefined: not loaded. */
  readonly loaded: LoadedModule | undefined;
  /** Whether /etc/modules-load.d, /usr/lib/modules-load.d, /run/modules-load.d or /etc/modules names it. */
  readonly atBoot: boolean;
}

/** What the host has of a module, whose name may be spelt with dashes or underscores. */
export declare const moduleState: (module: string) => Fact<ModuleState>;
