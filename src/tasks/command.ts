import { z } from "zod";
import { defineTask } from "../core/task.ts";
import { createsArgument, createsFact, isCreated } from "./creates.ts";
import { hostPath } from "./file_arguments.ts";

const word = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Runs a command, as words and without a shell. */
export const command = defineTask({
  name: "command",
  summary: "Runs a command without a shell; with `creates` only where that path is absent.",
  args: z.strictObject({
    argv: z.tuple([word], word),
    chdir: hostPath.optional().describe("the folder it runs in"),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/, "a variable's name"), word).optional(),
    ...createsArgument,
  }),
  action: ({ creates }) => creates === undefined,
  facts: ({ creates }) => createsFact(creates),
  *plan({ argv, chdir, env }, facts) {
    if (isCreated(facts)) return undefined;
    yield { kind: "run", argv, ...(chdir !== undefined && { cwd: chdir }), ...(env !== undefined && { env }) };
    return undefined;
  },
});
