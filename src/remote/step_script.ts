import { posix } from "node:path";
import type { Argv } from "../core/answer.ts";
import { StepError } from "../core/error.ts";
import { describeStep, type FetchStep, type RemoveStep, type RunStep, type ScriptStep, type Step, type WriteStep } from "../core/step.ts";
import { type JobPlace, runDetached } from "./detached.ts";
import { execLine, inFolder, quote, quoteWord, withEnv } from "./shell.ts";

/**
 * Takes contents from descriptor 9 into a file beside the path, and puts it there once it is proved to be whole.
 * Where the connection is gone nobody reads the complaint about that: dash would die of it before it cleans up.
 */
export const writeFunction = `
kofleet_write() (
  path=$1 mode=$2 owner=$3 size=$4 sha256=$5
  folder=\${path%/*}/ part=\${path%/*}/.kofleet.$kofleet_nonce
  fail() { printf '%s: %s\\n' "$path" "$1" >&2; exit 1; }
  [ -d "$folder" ] || fail "the folder $folder does not exist"
  [ ! -d "$path" ] || [ -L "$path" ] || fail 'is a folder'
  trap 'rm -f -- "$part"' EXIT
  trap 'exit 1' HUP PIPE TERM
  (umask 077 && set -C && head -c "$size" <&9 >"$part") || exit
  [ "$(sha256sum <"$part")" = "$sha256  -" ] || fail "what arrived does not have the sha256 $sha256"
  [ -z "$owner" ] || chown -- "$owner" "$part" || exit
  chmod -- "$mode" "$part" || exit
  sync -- "$part" 2>/dev/null || sync
  mv -fT -- "$part" "$path" || exit
  ! command -v restorecon >/dev/null || restorecon -- "$path"
)
`;

/** A running systemd answers before it stops sshd; elsewhere a second is left for the answer. */
const reboot = `[ ! -d /run/systemd/system ] || exec systemctl --no-block reboot; setsid sh -c 'sleep 1; exec reboot' >/dev/null 2>&1 </dev/null &`;

/** What a step needs to know of its batch. */
export interface StepPlace {
  /** Of the step in its batch. */
  readonly index: number;
  /** Bytes of a write's contents. */
  readonly size: number;
  readonly job: JobPlace;
}

/** What a subshell runs for one step: no newline in it but inside single quotes. */
export function stepScript(step: Step, place: StepPlace): string {
  switch (step.kind) {
    case "run":
      return command(step, withEnv(step.argv, step.env), step.cwd, place);
    case "script":
      return command(step, ["sh", "-c", step.script, "sh", ...step.args], undefined, place);
    case "write":
      return write(step, place.size);
    case "fetch":
      return fetch(step, place.index);
    case "remove":
      return `exec rm -rf --one-file-system -- ${quoteWord(removable(step))}`;
    case "reboot":
      return reboot;
    default:
      return step satisfies never;
  }
}

function command(step: RunStep | ScriptStep, argv: Argv, cwd: string | undefined, { job }: StepPlace): string {
  return inFolder(cwd, step.detached ? runDetached(job, describeStep(step), argv) : execLine(argv));
}

function write({ path, mode, owner = "", group, sha256 }: WriteStep, size: number): string {
  const ownership = group === undefined ? owner : `${owner}:${group}`;
  return `kofleet_write ${quote([absolute(path), mode.toString(8), ownership, String(size), sha256])}`;
}

/** The file and then its log, each with a frame; a log that is not there is no failure. */
function fetch({ path, read = ["cat", "--", path], log }: FetchStep, index: number): string {
  const readLog = log === undefined ? "" : `[ ! -f ${quoteWord(log)} ] || cat -- ${quoteWord(log)}; `;
  return `${quote(read)}; code=$?; kofleet_frame f${index} $code; ${readLog}exit $code`;
}

function absolute(path: string): string {
  if (!path.startsWith("/") || path.endsWith("/"))
    throw new StepError(`cannot write ${JSON.stringify(path)}: it must be an absolute path of a file`, {});
  return path;
}

/** Removing is for ever: nothing that a mistake in a template turns into the root, or into a path relative to wherever. */
function removable({ path }: RemoveStep): string {
  if (!path.startsWith("/") || path.split("/").includes("..") || posix.normalize(path) === "/") {
    throw new StepError(`refuses to remove ${JSON.stringify(path)}: it must be an absolute path below /, without ".."`, {});
  }
  return path;
}
