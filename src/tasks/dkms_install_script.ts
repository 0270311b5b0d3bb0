import { hostTree, privateTree } from "../facts/dkms_script.ts";
import { quietDkms } from "./dkms_build_script.ts";

/**
 * Hands a build over from kofleet's own dkms tree to the host's, and has dkms install it, so that later kernels get the
 * module by themselves. $1 module, $2 version, $3 kernel, $4 architecture, $5 where this distribution installs modules.
 *
 * The link kernel-K-ARCH is dkms' note of what is installed. It must not lead to this build, or dkms would first
 * uninstall and leave the kernel without a module meanwhile; and it must be there, or dkms would keep whatever file it
 * finds as "original module", to come back on removal. Hence a link that leads nowhere until dkms replaces it.
 * Without --force dkms installs nothing over a file of the same version, and yet reports success.
 */
export const installScript = `${quietDkms}
module=$1 version=$2 kernel=$3 architecture=$4 folder=$5
export KOFLEET_DKMS=unsigned
private=${privateTree}/$module/$version/$kernel/$architecture
base=${hostTree}/$module/$version
built=$base/$kernel/$architecture
link=${hostTree}/$module/kernel-$kernel-$architecture
if [ ! -e "$base/source" ]; then
  dkms add --sourcetree /usr/src -m "$module" -v "$version" || fail "dkms cannot add $module $version"
fi
if [ -d "$private" ]; then
  mkdir -p "$base/$kernel" && rm -rf "$built" && mv "$private" "$built" || fail "cannot move $private to $built"
fi
ln -sfn "$version/.kofleet/$kernel" "$link" || exit
dkms install --force -m "$module" -v "$version" -k "$kernel" -a "$architecture" 9>&- || exit
for file in "$built"/module/*; do
  installed=$folder/\${file##*/}
  cmp "$file" "$installed" || fail "dkms reported success, but $installed is not what it built"
  for other in "\${installed%.ko*}".ko "\${installed%.ko*}".ko.xz "\${installed%.ko*}".ko.zst "\${installed%.ko*}".ko.gz; do
    [ "$other" = "$installed" ] || rm -f "$other"
  done
done
`;
