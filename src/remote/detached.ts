import { posix } from "node:path";
import type { Answer, Argv } from "../core/answer.ts";
import { FactError } from "../core/error.ts";
import { quote, quoteWord } from "./shell.ts";

/**
 * The job itself, in a session of its own, with its folder and the host's lock as first arguments.
 * It inherits the lock that says it lives (7), and holds the one against other jobs (8); its command inherits neither.
 */
const job = `
folder=$1 lock=$2
shift 2
exec 8>>"$lock"
if ! flock -n 8; then
  printf 'waits for another job on this host: %s\\n' "$(cat "$(cat "$lock")/title" 2>/dev/null)"
  flock 8 || exit
fi
printf %s "$folder" >"$lock"
"$@" 7<&- 8>&-
code=$?
printf '%s\\n' "$code" >"$folder/code.part" && mv -- "$folder/code.part" "$folder/code"
`;

/** Shell functions around jobs. A job's folder holds title, pid, log and, once it ended, code; it is locked while the job lives. */
export const jobFunctions = `
kofleet_start() {
  folder=$1 title=$2 lock=$3
  shift 3
  for tool in flock setsid tail; do
    command -v "$tool" >/dev/null && continue
    printf 'this host has no %s: install util-linux and coreutils\\n' "$tool" >&2
    return 127
  done
  (umask 077 && mkdir -p -- "$folder" && printf '%s\\n' "$title" >"$folder/title" && : >"$folder/log") || return
  exec 7<"$folder" && flock 7 || return
  setsid sh -c ${quoteWord(job)} kofleet "$folder" "$lock" "$@" >>"$folder/log" 2>&1 </dev/null &
  printf '%s\\n' "$!" >"$folder/pid"
  exec 7<&-
}
kofleet_follow() {
  flock -s -- "$1" true &
  tail -f -n "+\${2:-1}" -s 0.1 --pid="$!" -- "$1/log"
  [ -f "$1/code" ] && return "$(cat -- "$1/code")"
  echo 'the job ended without an exit code: it was killed' >&2
  return 137
}
`;

/** A job that goes on, or ended, without anybody who followed it to its end. */
export interface Job {
  /** On the host: `/run/kofleet/RUN/JOB`. */
  readonly folder: string;
  /** Id of the run that started it. */
  readonly run: string;
  readonly id: string;
  /** What it does, for people. */
  readonly title: string;
}

/** Where a job finds what it needs on the host. */
export interface JobPlace {
  readonly folder: string;
  /** One for all runs: two jobs never run beside each other. */
  readonly lock: string;
}

/** The folder of a job under a run's folder of jobs, and the lock of all jobs beside the runs. */
export const jobPlace = (jobs: string, id: string): JobPlace => ({
  folder: posix.join(jobs, id),
  lock: posix.join(posix.dirname(jobs), "job.lock"),
});

/** For a subshell that knows `jobFunctions`: starts a command as a job, and prints its output to its end. */
export const runDetached = ({ folder, lock }: JobPlace, title: string, argv: Argv): string =>
  `kofleet_start ${quote([folder, title.replace(/\s+/g, " "), lock, ...argv])} && kofleet_follow ${quoteWord(folder)}`;

/** Asks for the jobs under `/run/kofleet` that still run: those of runs that lost their connection. */
export const unfinishedJobs = (root = "/run/kofleet"): Argv => [
  "sh",
  "-c",
  `for title in "$1"/*/*/title; do
  folder=\${title%/title}
  [ -f "$title" ] && [ ! -f "$folder/code" ] && ! flock -n -- "$folder" true || continue
  printf '%s\\t%s\\n' "$folder" "$(cat -- "$title")"
done`,
  "sh",
  root,
];

/** Reads the answer to `unfinishedJobs`. */
export function parseUnfinishedJobs({ code, stdout, stderr }: Answer): readonly Job[] {
  if (code !== 0) throw new FactError(`cannot list the host's unfinished jobs: ${stderr.trim() || `exit code ${code}`}`);
  return stdout.split("\n").filter(Boolean).map(parseJob);
}

function parseJob(line: string): Job {
  const [folder, title] = line.split("\t", 2);
  if (folder === undefined || title === undefined || !folder.startsWith("/")) {
    throw new FactError(`cannot read the host's list of unfinished jobs at ${JSON.stringify(line)}`);
  }
  return { folder, title, id: posix.basename(folder), run: posix.basename(posix.dirname(folder)) };
}

/** Follows a job to its end: prints its log from a line on, the first being 1, and exits with its exit code. */
export const followJob = (folder: string, from = 1): Argv => [
  "sh",
  "-c",
  `${jobFunctions}kofleet_follow "$1" "$2"`,
  "sh",
  folder,
  String(from),
];
