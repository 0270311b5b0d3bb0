import type { Fact } from "../core/fact.ts";
import { type DkmsEntry, parseDkmsStatus } from "../kernel/dkms.ts";
import { isSameModule, kernelName } from "../kernel/module_name.ts";
import { filePattern, findBuildId, type ModuleFile, readModuleFiles } from "./module_file.ts";
import { moduleDkmsScript, moduleScript } from "./module_script.ts";
import { type FactRecord, readCount, readRecord } from "./record.ts";

export type { ModuleFile } from "./module_file.ts";

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
  readonly files: readonly ModuleFile[];
  /** undefined: not loaded. */
  readonly loaded: LoadedModule | undefined;
  /** Whether a file of modules-load.d names it that no other hides. */
  readonly atBoot: boolean;
}

const subject = "the module's state";

function readLoaded(record: FactRecord): LoadedModule | undefined {
  if (record.optional("loaded") === undefined) return undefined;
  const users = record.optional("refcnt");
  return {
    version: record.optional("version"),
    srcversion: record.optional("srcversion"),
    buildId: findBuildId([record.optional("notes") ?? ""]),
    users: users === undefined ? undefined : readCount(users, subject),
    holders: record.all("holder"),
  };
}

/** What the host has of a module, whose name may be spelt with dashes or underscores. */
export const moduleState = (module: string): Fact<ModuleState> => ({
  name: `moduleState ${kernelName(module)}`,
  command: ["sh", "-c", moduleScript, "sh", filePattern(module), kernelName(module)],
  parse(answer) {
    const record = readRecord(answer, subject);
    return {
      files: readModuleFiles(record),
      loaded: readLoaded(record),
      atBoot: record.all("boot").some((name) => isSameModule(name, module)),
    };
  },
});

/** What dkms says of a module, in all its versions and for all kernels; nothing where there is no dkms. */
export const moduleDkms = (module: string): Fact<readonly DkmsEntry[]> => ({
  name: `moduleDkms ${kernelName(module)}`,
  command: ["sh", "-c", moduleDkmsScript, "sh", filePattern(module)],
  parse: (answer) => parseDkmsStatus(readRecord(answer, "what dkms has of the module").all("dkms").join("\n")),
});
