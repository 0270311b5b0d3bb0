import { moduleFileParts, sayParts } from "./shell_parts.ts";

/** kofleet's own dkms tree, where it builds and proves before anything is installed. */
export const privateTree = "/var/lib/kofleet/dkms";
/** The host's dkms tree, from which later kernels are built too. */
export const hostTree = "/var/lib/dkms";

/** Goes through what both trees have built of module $1 in version $2; $3 is a name pattern of the module's file. */
const eachBuild = `${sayParts}
module=$1 version=$2 pattern=$3
each() {
  for tree in ${privateTree} ${hostTree}; do
    for folder in "$tree/$module/$version"/*/*/module; do
      for file in "$folder"/$pattern.ko "$folder"/$pattern.ko.xz "$folder"/$pattern.ko.zst "$folder"/$pattern.ko.gz; do
        [ -s "$file" ] && "$1" "\${folder%/module}" "$file"
      done
    done
  done
}
`;

/** What kofleet notes beside a build, in one line: sha256 of the source, version of the kernel's package, sha256 of the symbol map or "-", and the serial number of the certificate that it was signed for. */
export const builtFromFile = "log/built-from";

/** Prints for every build where it lies, what it notes of its origin, and whether the source has changed since. */
export const buildsScript = `${eachBuild}
build() {
  from=- age=older
  [ -r "$1/${builtFromFile}" ] && IFS= read -r from < "$1/${builtFromFile}"
  [ -n "$(find "/usr/src/$module-$version" -newer "$2" 2>/dev/null | head -n 1)" ] && age=newer
  say build "$from $age $1"
}
each build
has dkms && [ -d "${hostTree}/$module" ] && dkms status -m "$module" -v "$version" 2>/dev/null | every dkms
echo end
`;

/** Prints for every build that can be unpacked its module's digest, size, moment, path and identity. */
export const builtModulesScript = `${eachBuild}${moduleFileParts}
built() { whole "$2" && say module "$(digest) $(stat -c %s "$whole") $(date -u -r "$2" +%Y-%m-%dT%H:%M:%SZ) $2"; modinfos "$2" | every modinfo; }
each built
echo end
`;
