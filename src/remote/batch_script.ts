import type { Batch } from "../core/connection.ts";
import type { Step } from "../core/step.ts";
import { jobFunctions, jobPlace } from "./detached.ts";
import { saveFunction, saveLine } from "./saved.ts";
import { execLine } from "./shell.ts";
import { stepScript, writeFunction } from "./step_script.ts";

/** What a batch's script needs to know beside the batch. */
export interface BatchPlace {
  /** Marks the frames; the script knows it, its commands do not. */
  readonly nonce: string;
  /** Makes the names of this batch's jobs unlike all others. */
  readonly jobId: string;
  readonly jobs: string;
  readonly saved: string;
  /** Bytes of the contents of each write. */
  readonly sizes: ReadonlyMap<Step, number>;
}

/** Stdin becomes descriptor 9: contents come from there, and commands have none of it. */
const prelude = `
exec 9<&0 </dev/null
export LC_ALL=C
kofleet_ok=1
kofleet_frame() {
  printf '%s %s %d\\n' "$kofleet_nonce" "$1" "$2"
  printf '%s %s %d\\n' "$kofleet_nonce" "$1" "$2" >&2
}
kofleet_done() {
  kofleet_frame "$1" "$2"
  case " $3 " in *" $2 "*) ;; *) kofleet_ok= ;; esac
}
`;

/** The script of one round trip: each step that is reached and each question ends with a frame on stdout and stderr. */
export function batchScript({ steps, questions }: Batch, place: BatchPlace): string {
  return [
    `kofleet_nonce=${place.nonce}${prelude}${neededFunctions(steps)}kofleet_frame start 0`,
    ...steps.map((step, index) => stepLines(step, index, place)),
    ...questions.map((question, index) => `(${execLine(question)}) 9<&-\nkofleet_frame q${index} $?`),
    "kofleet_frame end 0",
  ].join("\n");
}

const savedPaths = ({ undo }: Step): readonly string[] => (typeof undo === "object" && "restore" in undo ? undo.restore : []);

function neededFunctions(steps: readonly Step[]): string {
  return [
    steps.some((step) => savedPaths(step).length > 0) ? saveFunction : "",
    steps.some((step) => step.kind === "write") ? writeFunction : "",
    steps.some((step) => step.detached) ? jobFunctions : "",
  ].join("");
}

function stepLines(step: Step, index: number, { saved, jobs, jobId, sizes }: BatchPlace): string {
  const saves = savedPaths(step).map((path) => saveLine(saved, path));
  const script = stepScript(step, { index, size: sizes.get(step) ?? 0, job: jobPlace(jobs, `${index}-${jobId}`) });
  const stdin = step.kind === "write" ? "" : " 9<&-";
  const codes = step.kind === "run" ? (step.codes ?? [0]) : [0];
  return `if [ "$kofleet_ok" ]; then\n(${saves.join("")}${script})${stdin}\nkofleet_done s${index} $? '${codes.join(" ")}'\nfi`;
}
