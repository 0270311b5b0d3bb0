import type { Fact } from "../core/fact.ts";
import { readRecord } from "./record.ts";
import { imagePart, sayParts } from "./shell_parts.ts";

/**
 * $1 kernel, then pairs of a file and the name that it has in the initramfs. The image is listed only where the host has one of the files: that takes
 * seconds on a small machine.
 */
const script = `${sayParts}${imagePart}
kernel=$1
shift
find_image "$kernel" || { echo end; exit 0; }
names=
while [ $# -gt 1 ]; do
  if [ -e "$1" ]; then
    if [ -z "$names" ]; then
      if has lsinitramfs; then names=$(lsinitramfs "$image" 2>/dev/null); else names=$(lsinitrd "$image" 2>/dev/null); fi
      [ -n "$names" ] || { say problem "neither lsinitramfs nor lsinitrd can list $image"; break; }
    fi
    printf '%s\\n' "$names" | grep -qE "(^|[/ ])$2( -> .*)?$" || say lacking "$1"
  fi
  shift 2
done
echo end
`;

/** What of a module's own parts for the first moments of a boot an initramfs lacks. */
export interface BootFiles {
  /** Paths of files that the host has. */
  readonly lacking: readonly string[];
  /** Why that can't be told. */
  readonly problem?: string;
}

/** Which of these files, where the host has them, the initramfs of a kernel lacks; names in the initramfs by their paths on the host. Without an image it lacks none. Slow. */
export const bootFiles = (kernel: string, names: Readonly<Record<string, string>>): Fact<BootFiles> => ({
  name: `bootFiles ${kernel} ${Object.keys(names).join(" ")}`,
  command: ["sh", "-c", script, "sh", kernel, ...Object.entries(names).flatMap(([path, name]) => [path, name.replaceAll(/[.+]/g, "[$&]")])],
  slow: true,
  parse(answer) {
    const record = readRecord(answer, `the initramfs of ${kernel}`);
    const problem = record.optional("problem");
    return { lacking: record.all("lacking"), ...(problem !== undefined && { problem }) };
  },
});
