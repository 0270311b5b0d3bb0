import { createHash } from "node:crypto";
import { quote } from "./shell.ts";

/**
 * Saves a path ($3) as it is before a run's first change: as `path` and, where it exists, `copy` in a folder ($2) of the run's ($1).
 * Who may not write there, not being root, has a place below their home.
 */
export const saveFunction = `
kofleet_save() (
  umask 077
  saved=$1 path=$3
  mkdir -p -- "$saved" 2>/dev/null || [ -w / ] || saved=$HOME/.local/state/kofleet/saved/\${1##*/}
  folder=$saved/$2 part=$saved/$2.part
  [ -e "$folder" ] && exit 0
  rm -rf -- "$part" && mkdir -p -- "$part" && printf %s "$path" >"$part/path" || exit
  if [ -e "$path" ] || [ -L "$path" ]; then cp -a -- "$path" "$part/copy" || exit; fi
  mv -T -- "$part" "$folder"
)
`;

/** The name of the folder, below that of the run, that keeps what a path was before. */
export const savedName = (path: string): string => createHash("sha256").update(path).digest("hex").slice(0, 32);

/** For a subshell that knows `saveFunction`: saves a path once for the run, and ends the subshell where that fails. */
export const saveLine = (saved: string, path: string): string => `kofleet_save ${quote([saved, savedName(path), path])} || exit; `;
