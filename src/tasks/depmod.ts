import { z } from "zod";
import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import { type Change, change, type Step, unknown } from "../core/step.ts";
import { defineTask } from "../core/task.ts";
import { type ModuleState, moduleState } from "../facts/module.ts";
import { type ModuleFile, placeOf } from "../facts/module_file.ts";
import { type ModuleIndex, moduleIndex } from "../facts/module_index.ts";
import { type ModprobeTarget, moduleLoading } from "../facts/module_loading.ts";
import { kernelReleases, moduleName } from "./arguments.ts";

type Indexes = Readonly<Record<`index ${string}`, Fact<ModuleIndex>>>;
const indexesOf = (module: string, kernels: readonly string[]): Indexes =>
  Object.fromEntries(kernels.map((kernel) => [`index ${kernel}`, moduleIndex(module, kernel)]));

/** A link that leads nowhere, or a damaged file, is nothing that depmod lists. */
const indexable = ({ files }: ModuleState, kernel: string): readonly ModuleFile[] =>
  files.filter((file) => file.kernel === kernel && file.vermagic !== undefined);

function isIndexed(files: readonly ModuleFile[], index: ModuleIndex | undefined): boolean {
  if (!index?.isFresh) return false;
  return files.length === 0 ? index.listed === undefined : files.some((file) => placeOf(file) === index.listed);
}

/** What depmod writes (kmod 26 to 33). */
const indexFiles = [
  "dep",
  "dep.bin",
  "alias",
  "alias.bin",
  "symbols",
  "symbols.bin",
  "softdep",
  "weakdep",
  "devname",
  "builtin.bin",
  "builtin.alias.bin",
];

const targetOf = (file: ModuleFile | undefined): ModprobeTarget =>
  file ? { kind: "file", path: file.path, srcversion: file.srcversion } : { kind: "missing" };

/** Among several files, depmod's search order decides, which only the host knows. */
function changesOf(module: string, kernel: string, [file, ...others]: readonly ModuleFile[], host: Host): readonly Change[] {
  const isOpen = others.length > 0;
  const index = change(moduleIndex(module, kernel), () => (isOpen ? unknown : { listed: file && placeOf(file), isFresh: true }));
  const loading = change(moduleLoading(module), (before) => (isOpen ? unknown : { ...before, target: targetOf(file) }));
  return kernel === host.kernel ? [index, loading] : [index];
}

const step = (module: string, kernel: string, files: readonly ModuleFile[], host: Host): Step => ({
  kind: "run",
  title: `index the modules of ${kernel}`,
  argv: ["depmod", kernel],
  detached: true,
  changes: changesOf(module, kernel, files, host),
  undo: { restore: indexFiles.map((name) => `${host.moduleFolder}/${kernel}/modules.${name}`) },
});

/** Lets modprobe know a module's file, by looking at the index rather than by being told that something changed. */
export const depmod = defineTask({
  name: "depmod",
  summary: "Indexes the modules of kernels whose index does not name the module's file, or is older than it.",
  args: z.strictObject({ module: moduleName, kernels: kernelReleases }),
  facts: ({ module, kernels }): Indexes & { readonly state: Fact<ModuleState> } => ({
    state: moduleState(module),
    ...indexesOf(module, kernels),
  }),
  *plan({ module, kernels }, facts, _inputs, host) {
    for (const kernel of kernels) {
      const files = indexable(facts.state, kernel);
      if (!isIndexed(files, facts[`index ${kernel}`])) yield step(module, kernel, files, host);
    }
    return undefined;
  },
});
