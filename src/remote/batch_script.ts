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

/**
 * Makes a shell one that runs batches, a line each. Stdin becomes descriptor 9: lines and contents come from there, byte by byte
 * as `read` and `head -c` take them, and commands have none of it. A line counts only behind the token, which no contents can
 * know: what a failed step left unread ends the shell, and is never run.
 */
export const shellScript = (token: string): string => `
kofleet_token=${token}
exec 9<&0 </dev/null
export LC_ALL=C
kofleet_newline='
'
kofleet_frame() {
  printf '%s %s %d\\n' "$kofleet_nonce" "$1" "$2"
  printf '%s %s %d\\n' "$kofleet_nonce" "$1" "$2" >&2
}
kofleet_done() {
  kofleet_frame "$1" "$2"
  case " $3 " in *" $2 "*) ;; *) kofleet_ok= ;; esac
}
${saveFunction}${writeFunction}${jobFunctions}
while IFS= read -r kofleet_line <&9; do
  case $kofleet_line in "$kofleet_token "*) eval "\${kofleet_line#* }" ;; *) exit 1 ;; esac
done
`;

/** One round trip as a line for `shellScript`: each step that is reached and each question ends with a frame on stdout and stderr. */
export function batchLine({ steps, questions }: Batch, place: BatchPlace): Buffer {
  const parts = [
    `kofleet_nonce=${place.nonce}; kofleet_ok=1; kofleet_frame start 0`,
    ...steps.map((step, index) => stepPart(step, index, place)),
    ...questions.map((question, index) => `(${execLine(question)}) 9<&-; kofleet_frame q${index} $?`),
    "kofleet_frame end 0",
    // Contents without a newline would else be read to their last byte, in search of a line.
    ...(steps.some(({ kind }) => kind === "write") ? ['[ "$kofleet_ok" ] || exit'] : []),
  ];
  return Buffer.from(`${oneLine(parts.join("; "))}\n`);
}

/** All newlines stand inside single quotes here. */
const oneLine = (script: string): string => script.replaceAll("\n", `'"$kofleet_newline"'`);

const savedPaths = ({ undo }: Step): readonly string[] => (typeof undo === "object" && "restore" in undo ? undo.restore : []);

function stepPart(step: Step, index: number, { saved, jobs, jobId, sizes }: BatchPlace): string {
  const saves = savedPaths(step).map((path) => saveLine(saved, path));
  const script = stepScript(step, { index, size: sizes.get(step) ?? 0, job: jobPlace(jobs, `${index}-${jobId}`) });
  const stdin = step.kind === "write" ? "" : " 9<&-";
  const codes = step.kind === "run" ? (step.codes ?? [0]) : [0];
  return `if [ "$kofleet_ok" ]; then (${saves.join("")}${script})${stdin}; kofleet_done s${index} $? '${codes.join(" ")}'; fi`;
}
