import { posix } from "node:path";
import { z } from "zod";
import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import { type Change, change, type Step, unknown } from "../core/step.ts";
import { defineTask, type Stop, stop } from "../core/task.ts";
import { distributionOf } from "../distributions/find.ts";
import { type ModuleState, moduleState } from "../facts/module.ts";
import { type ModuleFile, placeOf } from "../facts/module_file.ts";
import { type ModuleIndex, moduleIndex } from "../facts/module_index.ts";
import { type ModprobeTarget, moduleLoading } from "../facts/module_loading.ts";
import { kernelReleases, moduleName } from "./arguments.ts";
import { installPlace } from "./module_destination.ts";

type Indexes = Readonly<Record<`index ${string}`, Fact<ModuleIndex>>>;
const indexesOf = (module: string, kernels: readonly string[]): Indexes =>
  Object.fromEntries(kernels.map((kernel) => [`index ${kernel}`, moduleIndex(module, kernel)]));

/** A link that leads nowhere, or a damaged file, is nothing that depmod lists. */
const indexable = ({ files }: ModuleState, kernel: string): readonly ModuleFile[] =>
  files.filter((file) => file.kernel === kernel && file.vermagic !== undefined);

/** Why what modprobe would take must not be loaded: it is another build than the one where the distribution has modules installed. */
function rivalry(module: string, kernel: string, files: readonly ModuleFile[], { listed }: ModuleIndex, host: Host): Stop | undefined {
  const distribution = distributionOf(host);
  const taken = files.find((file) => placeOf(file) === listed);
  const installed = distribution && files.find((file) => posix.dirname(placeOf(file)) === installPlace(distribution, host, kernel));
  if (taken === undefined || installed === undefined || taken === installed) return undefined;
  if (taken.sha256 !== undefined && taken.sha256 === installed.sha256) return undefined;
  return stop(
    "blocked",
    `${taken.path} is another build of ${module} than ${installed.path}, and modprobe takes it first: remove it, or the package that owns it; what goes first is set in depmod.d`,
  );
}

function isIndexed(files: readonly ModuleFile[], index: ModuleIndex): boolean {
  if (!index.isFresh) return false;
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
      const index = facts[`index ${kernel}`];
      if (index === undefined || !isIndexed(files, index)) yield step(module, kernel, files, host);
      else {
        const rival = rivalry(module, kernel, files, index, host);
        if (rival) return rival;
      }
    }
    return undefined;
  },
});
