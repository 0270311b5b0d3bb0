import { z } from "zod";
import type { ScriptStep } from "../core/step.ts";
import { defineTask, stop } from "../core/task.ts";
import { createsArgument, createsFact, isCreated } from "./creates.ts";
import { localText } from "./file_inputs.ts";

/** Linux allows 128 KiB for one argument of a program, which is how a script reaches its interpreter. */
const mostBytes = 120 * 1024;

/** Runs a script of the control machine on the host, by the interpreter that its first line names. */
export const script = defineTask({
  name: "script",
  summary: "Runs a script of this machine on the host; with `creates` only where that path is absent there.",
  args: z.strictObject({
    path: z.string().min(1).describe("a script of this machine"),
    args: z.array(z.union([z.string(), z.number()]).transform(String)).default([]),
    ...createsArgument,
  }),
  files: ["path"],
  action: ({ creates }) => creates === undefined,
  facts: ({ creates }) => createsFact(creates),
  inputs: ({ path }) => ({ text: localText(path) }),
  *plan({ path, args }, facts, { text }) {
    if (isCreated(facts)) return undefined;
    if (Buffer.byteLength(text) > mostBytes)
      return stop("failed", `${path} is larger than 120 KiB: copy it to the host and run it with command`);
    yield { title: ["run", path, ...args].join(" "), ...interpreted(text, args) };
    return undefined;
  },
});

/** Keeps the script in a private file while its interpreter runs. */
const byInterpreter = `interpreter=$1 argument=$2 text=$3
shift 3
file=$(mktemp "\${TMPDIR:-/tmp}/kofleet.XXXXXXXX") || exit
trap 'rm -f -- "$file"' EXIT
printf %s "$text" > "$file" || exit
"$interpreter" \${argument:+"$argument"} "$file" "$@"`;

/** As the kernel reads a first line `#!INTERPRETER ARGUMENT`: all behind the first blank is one argument. */
function interpreted(text: string, args: readonly string[]): ScriptStep {
  const [, interpreter, argument = ""] = /^#![ \t]*(\S+)(?:[ \t]+(.*\S))?[ \t]*\n/.exec(text) ?? [];
  if (interpreter === undefined || (/^(?:\/usr)?\/bin\/sh$/.test(interpreter) && argument === ""))
    return { kind: "script", script: text, args };
  return { kind: "script", script: byInterpreter, args: [interpreter, argument, text, ...args] };
}
