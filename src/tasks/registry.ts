import type { AnyFleetTask, AnyTask, TaskRegistry } from "../core/task.ts";
import { artifactFetch } from "./artifact_fetch.ts";
import { assert } from "./assert.ts";
import { command } from "./command.ts";
import { copy } from "./copy.ts";
import { depmod } from "./depmod.ts";
import { dkmsBuild } from "./dkms_build.ts";
import { dkmsSource } from "./dkms_source.ts";
import { file } from "./file.ts";
import { initramfs } from "./initramfs.ts";
import { kernelEvidence } from "./kernel_evidence.ts";
import { moduleAtBoot } from "./module_at_boot.ts";
import { moduleFile } from "./module_file.ts";
import { moduleLoaded } from "./module_loaded.ts";
import { packageTask } from "./package.ts";
import { reboot } from "./reboot.ts";
import { rolloutPlan } from "./rollout_plan.ts";
import { script } from "./script.ts";
import { symbolMap } from "./symbol_map.ts";
import { template } from "./template.ts";
import { vendorPackages } from "./vendor_packages.ts";

const all: readonly (AnyTask | AnyFleetTask)[] = [
  artifactFetch,
  assert,
  command,
  copy,
  depmod,
  dkmsBuild,
  dkmsSource,
  file,
  initramfs,
  kernelEvidence,
  moduleAtBoot,
  moduleFile,
  moduleLoaded,
  packageTask,
  reboot,
  rolloutPlan,
  script,
  symbolMap,
  template,
  vendorPackages,
];

/** The tasks that kofleet brings along, by the keys a playbook names them with. */
export const builtinTasks: TaskRegistry = new Map(all.map((task) => [task.name, task]));
