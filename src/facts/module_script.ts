import { moduleFileParts, sayParts } from "./shell_parts.ts";

/**
 * Asks for everything a host has of one module; it only reads. $1 is a name pattern that takes dashes for underscores,
 * $2 the kernel's own spelling. Where one modules-load.d file hides another of the same name, only the first counts.
 */
export const moduleScript = `${sayParts}${moduleFileParts}
pattern=$1 name=$2
set --
while IFS= read -r path; do
  [ -n "$path" ] && set -- "$@" "$path"
done <<FILES
$(find /lib/modules/ -mindepth 2 \\( -name "$pattern.ko" -o -name "$pattern.ko.xz" -o -name "$pattern.ko.zst" -o -name "$pattern.ko.gz" \\) 2>/dev/null)
FILES
for path; do
  if whole "$path"; then
    say file "$(digest) $path"
    notes note " $path"
  else
    say file "- $path"
  fi
  [ -L "$path" ] && say target "$(readlink "$path")  $path"
done
[ $# -gt 0 ] && has modinfo && modinfos "$@" | every modinfo

folder=/sys/module/$name
if [ -r "$folder/initstate" ]; then
  first loaded < "$folder/initstate"
  for attribute in version srcversion refcnt; do
    [ -r "$folder/$attribute" ] && first "$attribute" < "$folder/$attribute"
  done
  [ -r "$folder/notes/.note.gnu.build-id" ] && say notes "$(bytes "$folder/notes/.note.gnu.build-id")"
  for holder in "$folder"/holders/*; do
    [ -e "$holder" ] && say holder "\${holder##*/}"
  done
fi

seen=/
for file in /etc/modules-load.d/*.conf /run/modules-load.d/*.conf /usr/local/lib/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf /lib/modules-load.d/*.conf; do
  case $seen in *"/\${file##*/}/"*) continue ;; esac
  [ -r "$file" ] || continue
  seen=$seen\${file##*/}/
  while read -r word rest || [ -n "$word" ]; do
    case $word in ''|'#'*|';'*) ;; *) say boot "$word" ;; esac
  done < "$file"
done
echo end
`;

/** Asks dkms for a module, whose name pattern is $1. Apart from the rest, because `dkms status` takes a slow machine seconds. */
export const moduleDkmsScript = `${sayParts}
for folder in /var/lib/dkms/$1; do
  [ -d "$folder" ] && has dkms && dkms status -m "\${folder##*/}" 2>/dev/null | every dkms
done
echo end
`;
