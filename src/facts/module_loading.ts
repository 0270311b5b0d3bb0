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

/**
 * $1 is a name pattern that takes dashes for underscores, $2 the module. The rules are read from the files themselves:
 * `modprobe --showconfig` prints every alias of every module. Where files of one name lie in several folders of
 * modprobe.d, only the first counts.
 */
const loadingScript = `${sayParts}
pattern=$1 module=$2
needs=$(modprobe --show-depends "$module" 2>/dev/null)
# Behind the module itself come those that its softdep wants after it.
own=$(printf '%s\\n' "$needs" | grep -E "^(insmod .*/$pattern\\.ko(\\.(xz|zst|gz))?( .*)?|builtin $pattern)$" | tail -n 1)
[ -n "$own" ] || own=$(printf '%s\\n' "$needs" | tail -n 1)
[ -n "$own" ] && say depends "$own"
srcversion=$(modinfo -F srcversion "$module" 2>/dev/null) && say srcversion "$srcversion"
seen=/
set -- /dev/null
for file in /etc/modprobe.d/*.conf /run/modprobe.d/*.conf /usr/local/lib/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf /lib/modprobe.d/*.conf; do
  case $seen in *"/\${file##*/}/"*) continue ;; esac
  [ -r "$file" ] && { seen=$seen\${file##*/}/; set -- "$@" "$file"; }
done
grep -hE "^[[:space:]]*(blacklist|install)[[:space:]]+$pattern([[:space:]]|$)" "$@" | every rule
read -r words < /proc/cmdline
for word in $words; do
  case $word in module_blacklist=*|modprobe.blacklist=*) say boot "$word" ;; esac
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

/** The modules of a kernel parameter such as "module_blacklist=a,b". */
const deniedNames = (parameter: string): readonly string[] => parameter.slice(parameter.indexOf("=") + 1).split(",");

/** How a module gets into the running kernel. */
export const moduleLoading = (module: string): Fact<ModuleLoading> => ({
  name: `moduleLoading ${kernelName(module)}`,
  command: ["sh", "-c", loadingScript, "sh", filePattern(module), module],
  parse(answer) {
    const record = readRecord(answer, "what modprobe would do");
    const parameter = record.all("boot").find((word) => deniedNames(word).some((name) => isSameModule(name, module)));
    return {
      target: readTarget(record.optional("depends"), record.optional("srcversion")),
      denial: record.all("rule")[0]?.trim() ?? parameter,
    };
  },
});
