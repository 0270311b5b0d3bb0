import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { isSameModule, kernelName } from "../kernel/module_name.ts";
import { filePattern } from "./module_file.ts";
import { readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** What modprobe would do for a module in the running kernel. */
export type ModprobeTarget =
  | { readonly kind: "file"; readonly path: string; readonly srcversion: string | undefined }
  | { readonly kind: "built-in" }
  | { readonly kind: "missing" };

/** How a module gets into the running kernel, and what forbids it. */
export interface ModuleLoading {
  readonly target: ModprobeTarget;
  /** The rule by which the host's administrator keeps it out: "blacklist x", "install x /bin/true", "module_blacklist=x". */
  readonly denial: string | undefined;
}

const loadingScript = `${sayParts}
pattern=$1 module=$2
modprobe --show-depends "$module" 2>/dev/null | tail -n 1 | every depends
srcversion=$(modinfo -F srcversion "$module" 2>/dev/null) && say srcversion "$srcversion"
modprobe --showconfig 2>/dev/null | grep -E "^(blacklist|install) $pattern( |$)" | every rule
for word in $(cat /proc/cmdline); do
  case $word in module_blacklist=*) say kernel "\${word#module_blacklist=}" ;; esac
done
echo end
`;

function readTarget(depends: string | undefined, srcversion: string | undefined): ModprobeTarget {
  const [, path] = /^insmod (\/\S+)/.exec(depends ?? "") ?? [];
  if (path !== undefined) return { kind: "file", path, srcversion };
  if (depends === undefined || depends.startsWith("install ")) return { kind: "missing" };
  if (depends.startsWith("builtin ")) return { kind: "built-in" };
  throw new FactError(`cannot read what modprobe would do: "${depends}"`);
}

/** How a module gets into the running kernel. */
export const moduleLoading = (module: string): Fact<ModuleLoading> => ({
  name: `moduleLoading ${kernelName(module)}`,
  command: ["sh", "-c", loadingScript, "sh", filePattern(module), module],
  parse(answer) {
    const record = readRecord(answer, "what modprobe would do");
    const byKernel = record.all("kernel").find((names) => names.split(",").some((name) => isSameModule(name, module)));
    return {
      target: readTarget(record.optional("depends"), record.optional("srcversion")),
      denial: record.all("rule")[0] ?? (byKernel && `module_blacklist=${byKernel}`),
    };
  },
});
