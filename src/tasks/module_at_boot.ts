import { z } from "zod";
import type { Input } from "../core/input.ts";
import { change } from "../core/step.ts";
import { defineTask } from "../core/task.ts";
import { moduleState } from "../facts/module.ts";
import { moduleName } from "./arguments.ts";

/** The sha256 of the file that names a module to systemd-modules-load. */
const listOf = (module: string): Input<string> => ({
  name: `bootList ${module}`,
  read: async ({ contents }) => contents.add(Buffer.from(`${module}\n`)),
});

/** Has a kernel module loaded at every boot, unless something on the host sees to that already. */
export const moduleAtBoot = defineTask({
  name: "module_at_boot",
  summary: "Has a kernel module loaded at every boot.",
  args: z.strictObject({ module: moduleName }),
  facts: ({ module }) => ({ state: moduleState(module) }),
  inputs: ({ module }) => ({ list: listOf(module) }),
  *plan({ module }, { state }, { list }) {
    if (state.atBoot) return undefined;
    const path = `/etc/modules-load.d/kofleet-${module}.conf`;
    yield {
      kind: "write",
      title: `load ${module} at every boot`,
      path,
      sha256: list,
      mode: 0o644,
      changes: [change(moduleState(module), (before) => ({ ...before, atBoot: true }))],
      undo: { restore: [path] },
    };
    return undefined;
  },
});
