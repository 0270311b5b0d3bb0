import { z } from "zod";
import type { Host } from "../core/host.ts";
import { change, type Step } from "../core/step.ts";
import { defineTask, type Plan, stop } from "../core/task.ts";
import { type KernelTrouble, kernelTrouble } from "../facts/kernel_trouble.ts";
import { type LoadedModule, type ModuleState, moduleState } from "../facts/module.ts";
import { type ModuleFile, placeOf } from "../facts/module_file.ts";
import { type ModuleLoading, moduleLoading } from "../facts/module_loading.ts";
import { isOtherBuild } from "../kernel/other_build.ts";
import { moduleName } from "./arguments.ts";
import { loadScript } from "./load_script.ts";

const withLoaded = (module: string, loaded: LoadedModule | undefined) => change(moduleState(module), (state) => ({ ...state, loaded }));

const loadedFrom = (file: ModuleFile | undefined): LoadedModule => ({
  version: file?.version,
  srcversion: file?.srcversion,
  buildId: file?.buildId,
  users: 0,
  holders: [],
});

const load = (module: string, file: ModuleFile | undefined): Step => ({
  kind: "script",
  title: `load ${module}`,
  script: loadScript,
  args: [module],
  changes: [withLoaded(module, loadedFrom(file))],
  undo: { run: ["modprobe", "--remove", module] },
});

const unload = (module: string): Step => ({
  kind: "run",
  title: `unload ${module}`,
  argv: ["modprobe", "--remove", module],
  changes: [withLoaded(module, undefined)],
  undo: { run: ["modprobe", module] },
});

/** The file that modprobe would take for the running kernel. */
function wantedFile({ files }: ModuleState, { target }: ModuleLoading, kernel: string): ModuleFile | undefined {
  if (target.kind !== "file") return undefined;
  const place = placeOf({ kernel, path: target.path });
  return files.find((file) => file.kernel === kernel && placeOf(file) === place);
}

function usage({ users, holders }: LoadedModule): string | undefined {
  if (users === 0) return undefined;
  if (users === undefined) return "this kernel can't unload modules";
  return `it is in use (${users}${holders.length > 0 ? `, by ${holders.join(", ")}` : ""})`;
}

function* keepOut(module: string, loaded: LoadedModule | undefined): Plan {
  if (loaded === undefined) return undefined;
  const obstacle = usage(loaded);
  if (obstacle !== undefined) return stop("pending-reboot", `${module} can't be unloaded: ${obstacle}`);
  yield unload(module);
  return undefined;
}

interface Known {
  readonly state: ModuleState;
  readonly loading: ModuleLoading;
  readonly trouble: KernelTrouble;
}

function* bringIn(module: string, { state, loading, trouble }: Known, { kernel }: Host): Plan {
  const file = wantedFile(state, loading, kernel);
  const { loaded } = state;
  if (loading.target.kind === "built-in") return undefined;
  if (loading.target.kind === "file" && file === undefined)
    return stop(
      "failed",
      `modprobe would load ${loading.target.path}, which is no file of ${module} for ${kernel}: run the task depmod before`,
    );
  if (loaded && !(file && isOtherBuild(loaded, file))) {
    const [damage] = trouble.damage;
    return damage === undefined
      ? undefined
      : stop("failed", `the kernel log tells of trouble with ${module} since it was loaded: ${damage}`);
  }
  if (loading.denial !== undefined) {
    return stop("blocked", `${module} may not be loaded: the host says "${loading.denial}" (see modprobe --showconfig and /proc/cmdline)`);
  }
  if (loading.target.kind === "missing") {
    return stop("failed", `modprobe finds no ${module} for ${kernel}: put its file in place and run the task depmod before`);
  }
  if (loaded) {
    const obstacle = usage(loaded);
    if (obstacle !== undefined)
      return stop("pending-reboot", `another build of ${module} is loaded than lies in ${loading.target.path}, and ${obstacle}`);
    yield unload(module);
  }
  yield load(module, file);
  return undefined;
}

/** Keeps a kernel module in, or out of, the running kernel, in the build that lies on disk. What loads at boot is `module_at_boot`'s. */
export const moduleLoaded = defineTask({
  name: "module_loaded",
  summary: "Keeps a kernel module in, or out of, the running kernel, in the build that lies on disk.",
  args: z.strictObject({ module: moduleName, state: z.enum(["loaded", "unloaded"]).default("loaded") }),
  facts: ({ module }) => ({ state: moduleState(module), loading: moduleLoading(module), trouble: kernelTrouble(module) }),
  *plan({ module, state }, facts, _inputs, host) {
    return yield* state === "loaded" ? bringIn(module, facts, host) : keepOut(module, facts.state.loaded);
  },
  result: (_args, { state }) => ({ loaded: state.loaded }),
});
