import { createHash } from "node:crypto";
import { posix } from "node:path";
import { quote } from "./shell.ts";

/** Saves a path ($2) as it is before the first change into a folder ($1): as `path` and, where it exists, `copy`. */
export const saveFunction = `
kofleet_save() (
  umask 077
  [ -e "$1" ] && exit 0
  part=$1.part
  rm -rf -- "$part" && mkdir -p -- "$part" && printf %s "$2" >"$part/path" || exit
  if [ -e "$2" ] || [ -L "$2" ]; then cp -a -- "$2" "$part/copy" || exit; fi
  mv -T -- "$part" "$1"
)
`;

/** Where a run keeps what a path was before: a folder with `path`, and with `copy` unless there was nothing. */
export const savedFolder = (saved: string, path: string): string =>
  posix.join(saved, createHash("sha256").update(path).digest("hex").slice(0, 32));

/** For a subshell that knows `saveFunction`: saves a path once for the run, and ends the subshell where that fails. */
export const saveLine = (saved: string, path: string): string => `kofleet_save ${quote([savedFolder(saved, path), path])} || exit\n`;
