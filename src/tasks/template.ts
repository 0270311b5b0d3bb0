import { z } from "zod";
import { defineTask } from "../core/task.ts";
import { fileState } from "../facts/files.ts";
import { attributeArguments, hostPath } from "./file_arguments.ts";
import { bringContents } from "./file_contents.ts";
import { renderedTemplate } from "./file_inputs.ts";

/** Brings a rendered template to a path. `vars` are the host's variables, which the runner passes. */
export const template = defineTask({
  name: "template",
  summary: "Renders a template of this machine with the host's variables, and puts the result at a path of the host.",
  args: z.strictObject({
    src: z.string().min(1).describe("a template of this machine"),
    dest: hostPath,
    vars: z.record(z.string(), z.unknown()).default({}).describe("set by kofleet: all variables of the host"),
    ...attributeArguments,
  }),
  files: ["src"],
  takesVars: true,
  facts: ({ dest }) => ({ file: fileState(dest) }),
  inputs: ({ src, vars }, host) => ({ content: renderedTemplate(src, host.name, vars) }),
  *plan({ dest, mode, owner, group }, { file }, { content }) {
    return yield* bringContents(dest, file, content, { mode, owner, group });
  },
});
