import { z } from "zod";
import { Secret } from "../core/secret.ts";
import { defineTask } from "../core/task.ts";
import { fileState } from "../facts/files.ts";
import { attributeArguments, hostPath } from "./file_arguments.ts";
import { bringContents } from "./file_contents.ts";
import { givenText, localFile } from "./file_inputs.ts";

const text = z
  .custom<string | Secret>((value) => typeof value === "string" || value instanceof Secret, "expected text: quote it")
  .meta({ type: "string" });

/** Brings a file of the control machine, or a text, to a path. */
export const copy = defineTask({
  name: "copy",
  summary: "Puts a file of this machine, or a given text, at a path of the host.",
  args: z
    .strictObject({
      src: z.string().min(1).optional().describe("a file of this machine"),
      content: text.optional().describe("the text itself, instead of a file; may hold secrets"),
      dest: hostPath,
      ...attributeArguments,
    })
    .refine(({ src, content }) => (src === undefined) !== (content === undefined), 'needs either "src" or "content"'),
  files: ["src"],
  facts: ({ dest }) => ({ file: fileState(dest) }),
  inputs: ({ src, content = "" }) => ({ content: src === undefined ? givenText(content) : localFile(src) }),
  *plan({ dest, mode, owner, group }, { file }, { content }) {
    return yield* bringContents(dest, file, content, { mode, owner, group });
  },
});
