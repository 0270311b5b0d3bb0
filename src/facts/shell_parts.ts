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
 * Shell functions that look at module files: `unpacked FILE` prints the module without its compression, `digest FILE`
 * its sha256 or "-" where it can't be unpacked whole, `start FILE` its first kilobyte in hex (the build id is there),
 * and `modinfos FILE…` the lines of modinfo that identify a build, one call for all files.
 */
export const moduleFileParts = `
unpacked() {
  case $1 in
    *.xz) xz -dc "$1" ;;
    *.zst) zstd -dcq < "$1" ;;
    *.gz) gzip -dc "$1" ;;
    *) cat "$1" ;;
  esac 2>/dev/null
}
digest() {
  set -- "$({ { unpacked "$1" && echo intact >&3; } | sha256sum; } 3>&1)"
  case $1 in
    intact*) set -- "\${1#intact?}"; printf '%s' "\${1%% *}" ;;
    *) printf '-' ;;
  esac
}
start() { unpacked "$1" | bytes -N 1024; }
modinfos() { modinfo -0 "$@" 2>/dev/null | tr '\\0\\n' '\\n ' | grep -E '^(filename: |version=|srcversion=|vermagic=)'; }
`;
