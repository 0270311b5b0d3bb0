import { imagePart, moduleFileParts, sayParts } from "./shell_parts.ts";

/**
 * Finds a module in the initramfs of one kernel: $1 is a name pattern that takes dashes for underscores, $2 the release.
 * Only the module and modules.dep are unpacked, into a folder of its own on /run that it removes again.
 *
 * initramfs-tools: uncompressed archives may come first (microcode), each padded to 512 bytes. cpio stops behind the one
 * it reads, and the position of the descriptor, which the kernel shows in fdinfo, tells where the next begins.
 * dracut: its own lsinitrd reads the image.
 */
export const initramfsScript = `${sayParts}${moduleFileParts}${imagePart}
pattern=$1 kernel=$2
find_image "$kernel" || { echo end; exit 0; }
say image "$image"
problem() { say problem "$1"; echo end; exit 0; }
[ -r "$image" ] || problem "it is not readable for this user"
work=$(mktemp -d /run/kofleet.XXXXXX) || exit
cd "$work" || exit

extract() { cpio -i -d --quiet --no-absolute-filenames "*/$pattern.ko" "*/$pattern.ko.xz" "*/$pattern.ko.zst" "*/$pattern.ko.gz" '*/modules.dep' 2>"$work/.errors"; }
position() {
  while read -r key value; do [ "$key" = pos: ] && echo "$value"; done < "/proc/$$/fdinfo/3"
}
magic() { od -An -v -tx1 -j "$1" -N 6 "$image" | tr -d ' \\n'; }
by_cpio() {
  has cpio || problem "there is no cpio to read it with"
  exec 3< "$image"
  at=0
  while :; do
    found=$(magic "$at")
    case $found in
      30373037*) extract <&3 || problem "cpio cannot read it: $(head -n 1 .errors)"; at=$(position) ;;
      000000000000) at=$((at + 512)) ;;
      '') return ;;
      *) break ;;
    esac
  done
  case $found in
    1f8b*) unpack='gzip -dc' ;;
    28b52ffd*) unpack='zstd -dcq' ;;
    fd377a58*) unpack='xz -dc' ;;
    04224d18*|02214c18*) unpack='lz4 -dcq' ;;
    5d0000*) unpack='lzma -dc' ;;
    425a68*) unpack='bzip2 -dc' ;;
    *) problem "its compression is not known (it begins with $found)" ;;
  esac
  has "\${unpack%% *}" || problem "there is no \${unpack%% *} to read it with"
  tail -c "+$((at + 1))" "$image" | $unpack 2>/dev/null | extract || problem "cpio cannot read it: $(head -n 1 .errors)"
}
by_lsinitrd() {
  lsinitrd "$image" > .list 2>/dev/null || problem "lsinitrd cannot read it"
  while IFS= read -r line; do
    path=\${line##* }
    case /$path in */modules.dep|*/$pattern.ko|*/$pattern.ko.xz|*/$pattern.ko.zst|*/$pattern.ko.gz) ;; *) continue ;; esac
    case $path in */*) mkdir -p "\${path%/*}" ;; esac
    lsinitrd -f "$path" "$image" > "$path" 2>/dev/null || problem "lsinitrd cannot read $path in it"
  done < .list
}
if has lsinitrd && ! has unmkinitramfs; then by_lsinitrd; else by_cpio; fi

copy=
while IFS= read -r path; do
  [ -n "$path" ] || continue
  copy=\${copy:-$path}
  grep -qsF "\${path##*/$kernel/}:" "\${path%%/$kernel/*}/$kernel/modules.dep" && { copy=$path; break; }
done <<COPIES
$(find . -type f -name "$pattern.ko*")
COPIES
if [ -n "$copy" ]; then
  if whole "$copy"; then
    say copy "$(digest)"
    notes note ''
  else
    say copy -
  fi
  modinfos "$copy" | every modinfo
fi
echo end
`;
