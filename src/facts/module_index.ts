import type { Fact } from "../core/fact.ts";
import { kernelName } from "../kernel/module_name.ts";
import { filePattern } from "./module_file.ts";
import { readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** What depmod's index of one kernel says of a module. */
export interface ModuleIndex {
  /** The file that modprobe would take, below the kernel's folder; undefined: none. */
  readonly listed: string | undefined;
  /** Whether the index is complete, and no file of the module is newer than it. */
  readonly isFresh: boolean;
}

const indexScript = `${sayParts}
pattern=$1 folder=/lib/modules/$2
if [ -r "$folder/modules.dep" ] && [ -r "$folder/modules.dep.bin" ]; then
  state=fresh
  for file in $(find "$folder/" \\( -name "$pattern.ko" -o -name "$pattern.ko.xz" -o -name "$pattern.ko.zst" -o -name "$pattern.ko.gz" \\) 2>/dev/null); do
    [ "$file" -nt "$folder/modules.dep.bin" ] && state=stale
  done
  say index "$state"
  grep -E "(^|/)$pattern\\.ko(\\.(xz|zst|gz))?:" "$folder/modules.dep" | every listed
fi
echo end
`;

/** What the index of a kernel says of a module: where there is none, nothing is listed and it is not fresh. */
export const moduleIndex = (module: string, kernel: string): Fact<ModuleIndex> => ({
  name: `moduleIndex ${kernelName(module)} ${kernel}`,
  command: ["sh", "-c", indexScript, "sh", filePattern(module), kernel],
  parse(answer) {
    const record = readRecord(answer, `the module index of ${kernel}`);
    return {
      listed: record.all("listed")[0]?.split(":")[0],
      isFresh: record.optional("index") === "fresh",
    };
  },
});
