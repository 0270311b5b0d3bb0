import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import type { KernelIdentity } from "../core/kernel_evidence.ts";
import { findBuildId } from "./module_file.ts";
import { type FactRecord, readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** A symbol map on a host that is one. */
export interface MapFile {
  readonly path: string;
  readonly sha256: string;
  /** Whether it came with a package, as the kernel did: what somebody put there may be another build's. */
  readonly isOwned: boolean;
}

/** What a host has to tell of one kernel. */
export interface KernelSources {
  /** Which build of it the host has; undefined: it has no kernel of that release. */
  readonly identity: KernelIdentity | undefined;
  /** Version of the package that owns its headers; undefined: no headers, or no package's. */
  readonly headersVersion: string | undefined;
  /** The file with the CRCs of all that it exports; undefined: there is none. */
  readonly symvers: string | undefined;
  /** Whether modules of its own lie here that tell the CRCs which they use, as modprobe reads them. */
  readonly hasModules: boolean;
  /** The first symbol map that is more than a stub: where the module's source looks for it, else in one of the usual places. */
  readonly map: MapFile | undefined;
  /** Whether /proc/kallsyms tells where its symbols are: "hidden" where kernel.kptr_restrict makes zeros of them, "absent" where it does not run. */
  readonly kallsyms: "readable" | "hidden" | "absent";
}

/** Where distributions put symbol maps, and sources look for them. */
export const usualMapPlaces = (kernel: string): readonly string[] => [
  `/lib/modules/${kernel}/System.map`,
  `/boot/System.map-${kernel}`,
  `/usr/lib/debug/boot/System.map-${kernel}`,
];

/** $1 kernel release, then the places for its symbol map. The images of kernels that run are not read: the kernel itself tells who it is. */
const script = `${sayParts}
kernel=$1 modules=/lib/modules/$1
shift
if [ "$(uname -r)" = "$kernel" ]; then
  say notes "$(bytes /sys/kernel/notes)"
  say kallsyms "$(grep -m 1 ' _text$' /proc/kallsyms 2>/dev/null)"
else
  for image in "/boot/vmlinuz-$kernel" "$modules/vmlinuz" "/boot/vmlinux-$kernel"; do
    [ -f "$image" ] && { say vmlinuz "$(sha256sum < "$image")"; break; }
  done
fi
if [ -f "$modules/build/Makefile" ]; then
  if has dpkg-query; then
    say headers "$(dpkg-query -W -f '\${Version}' "linux-headers-$kernel" 2>/dev/null)"
  elif has rpm; then
    owner=$(rpm -qf --qf '%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}' "$modules/build/Makefile" 2>/dev/null) && say headers "$owner"
  fi
fi
for file in "$modules/build/Module.symvers" "$modules/symvers.gz" "/boot/symvers-$kernel.gz" "/boot/symvers-$kernel"; do
  [ -s "$file" ] && { say symvers "$file"; break; }
done
sample=$(find "$modules/kernel" -name '*.ko*' -type f -print -quit 2>/dev/null)
[ -n "$sample" ] && [ -n "$(modprobe --dump-modversions "$sample" 2>/dev/null)" ] && say modules yes
owned() {
  if has dpkg-query; then dpkg-query -S "$1"; else rpm -qf "$1"; fi >/dev/null 2>&1
}
for map; do
  grep -qsE '^0*[1-9a-f][0-9a-f]* [A-Za-z] kfree$' "$map" || continue
  say map "$(sha256sum < "$map") $map"
  owned "$map" && say map-owned yes
  break
done
echo end
`;

function readIdentity(record: FactRecord): KernelIdentity | undefined {
  const id = findBuildId([record.optional("notes") ?? ""]);
  if (id !== undefined) return `build-id:${id}`;
  const image = record.optional("vmlinuz");
  return image === undefined ? undefined : `vmlinuz:${readDigest(image)}`;
}

/** What sha256sum prints of its input, and what stands behind that. */
function splitDigest(text: string): readonly [sha256: string, rest: string] {
  const [, sha256, rest] = /^([0-9a-f]{64}) {2}- ?(.*)$/.exec(text) ?? [];
  if (sha256 === undefined || rest === undefined) throw new FactError(`cannot read what the host has of a kernel: unexpected "${text}"`);
  return [sha256, rest];
}

const readDigest = (text: string): string => splitDigest(text)[0];

function readMap(record: FactRecord): MapFile | undefined {
  const text = record.optional("map");
  if (text === undefined) return undefined;
  const [sha256, path] = splitDigest(text);
  return { path, sha256, isOwned: record.optional("map-owned") !== undefined };
}

function readKallsyms(line: string | undefined): KernelSources["kallsyms"] {
  if (line === undefined) return "absent";
  return /^0+ /.test(line) ? "hidden" : "readable";
}

/** What a host has to tell of one kernel; `mapPath` is where the module's source looks for a symbol map first. */
export const kernelSources = (kernel: string, mapPath: string): Fact<KernelSources> => ({
  name: `kernelSources ${kernel} ${mapPath}`,
  command: ["sh", "-c", script, "sh", kernel, mapPath, ...usualMapPlaces(kernel)],
  parse(answer) {
    const record = readRecord(answer, `what the host has of kernel ${kernel}`);
    return {
      identity: readIdentity(record),
      headersVersion: record.optional("headers"),
      symvers: record.optional("symvers"),
      hasModules: record.optional("modules") !== undefined,
      map: readMap(record),
      kallsyms: readKallsyms(record.optional("kallsyms")),
    };
  },
});

/** Prints the CRCs that a kernel's own modules use, compressed: of all of them or, with an exit code, nothing. $1 is the kernel. It takes a minute on a small machine. */
const moduleCrcs = `
PATH=$PATH:/usr/sbin:/sbin
crcs=$(find "/lib/modules/$1/kernel" -name '*.ko*' -type f | while IFS= read -r file; do
  nice modprobe --dump-modversions "$file" || { printf 'modprobe cannot tell the CRCs of %s\\n' "$file" >&2; exit 1; }
done) || exit
printf '%s\\n' "$crcs" | sort -u | gzip
`;

/** Commands that print parts of a kernel's evidence, gzip-compressed. */
export const evidenceCommands = {
  file: (path: string) => ["gzip", "-cf", "--", path] as const,
  /** It is compressed already. */
  packed: (path: string) => ["cat", "--", path] as const,
  modules: (kernel: string) => ["sh", "-c", moduleCrcs, "sh", kernel] as const,
};
