/** Shell functions that print lines for `readRecord`: `say KEY VALUE`, `every KEY` and `first KEY` of their input, and `has PROGRAM`. */
export const sayParts = `
PATH=$PATH:/usr/sbin:/sbin
say() { printf '%s %s\\n' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }
first() { IFS= read -r line && say "$1" "$line"; }
every() { while IFS= read -r line || [ -n "$line" ]; do say "$1" "$line"; done; }
bytes() { od -An -v -tx1 "$@" 2>/dev/null | tr -d ' \\n'; }
`;

/**
 * Shell functions that look at module files. `whole FILE` makes $whole an uncompressed file of the same contents, and
 * fails where that can't be; `digest` prints its sha256; `notes KEY END` says all its ELF notes in hex, each with that
 * end (the build id is one of them; od reads the section table, since hosts without a toolchain have no readelf); and
 * `modinfos FILE…` prints the lines of modinfo that identify a build, one call for all files.
 */
export const moduleFileParts = `
work=
trap '[ -z "$work" ] || rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
whole() {
  whole=$1
  case $1 in *.ko) [ -r "$1" ]; return ;; esac
  [ -n "$work" ] || work=$(mktemp -d /run/kofleet.XXXXXX 2>/dev/null || mktemp -d) || return
  whole=$work/.whole
  case $1 in
    *.xz) xz -dc "$1" ;;
    *.zst) zstd -dcq < "$1" ;;
    *.gz) gzip -dc "$1" ;;
  esac > "$whole" 2>/dev/null
}
digest() { sha256sum < "$whole" | { read -r sum rest; printf '%s' "$sum"; }; }
notes() {
  set -- "$1" "$2" $(od -An -tu8 -j 40 -N 8 "$whole") $(od -An -tu2 -j 60 -N 2 "$whole")
  [ $# -eq 4 ] || return
  od -An -v -w64 -tu8 -j "$3" -N $(($4 * 64)) "$whole" | while read -r kind flags address offset size rest; do
    [ $((kind >> 32)) -eq 7 ] || [ $((kind & 4294967295)) -eq 7 ] || continue
    [ "$size" -le 4096 ] && say "$1" "$(bytes -j "$offset" -N "$size" "$whole")$2"
  done
} 2>/dev/null
modinfos() { modinfo -0 "$@" 2>/dev/null | tr '\\0\\n' '\\n ' | grep -E '^(filename: |version=|srcversion=|vermagic=)'; }
`;

/** A shell function that makes $image the initramfs of a kernel; it fails where there is none. */
export const imagePart = `
find_image() {
  for image in "/boot/initrd.img-$1" "/boot/initramfs-$1.img" "/boot/initrd-$1"; do
    [ -f "$image" ] && return
  done
  return 1
}
`;
