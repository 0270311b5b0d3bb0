import { z } from "zod";
import { change } from "../core/step.ts";
import { defineTask, type Plan, stop } from "../core/task.ts";
import { type FileState, fileState } from "../facts/files.ts";
import { attributeArguments, hostPath } from "./file_arguments.ts";
import { type Attributes, adjust } from "./file_attributes.ts";
import { folder } from "./file_folder.ts";
import { link } from "./file_link.ts";

const states = ["file", "directory", "link", "absent"] as const;
type Arguments = Attributes & { readonly path: string; readonly target?: string | undefined };

const plans: Readonly<Record<(typeof states)[number], (args: Arguments, file: FileState) => Plan>> = {
  file: attributesOnly,
  directory: folder,
  link,
  absent: absence,
};

/** Brings a path into a state: its attributes, a folder, a link, or nothing at all. */
export const file = defineTask({
  name: "file",
  summary: "Sets owner and mode of a path, makes a folder or a link, or removes what is there.",
  args: z
    .strictObject({
      path: hostPath,
      state: z.enum(states).default("file"),
      target: z.string().min(1).optional().describe("what the link points to"),
      ...attributeArguments,
    })
    .refine(({ state, target }) => (state === "link") === (target !== undefined), '"target" and "state: link" belong together')
    .refine(({ state, mode }) => mode === undefined || state === "file" || state === "directory", "only files and folders have a mode")
    .refine(({ state, owner, group }) => state !== "absent" || (owner ?? group) === undefined, "what is absent belongs to nobody"),
  facts: ({ path }) => ({ file: fileState(path) }),
  *plan({ state, ...args }, { file }) {
    return yield* plans[state](args, file);
  },
});

function* attributesOnly({ path, ...attributes }: Arguments, file: FileState): Plan {
  if (file.kind === "absent") return stop("failed", `${path} does not exist: copy makes files, "state: directory" makes folders`);
  if (file.kind === "link" && attributes.mode !== undefined)
    return stop("failed", `${path} is a link and has no mode: name what it points to`);
  return yield* adjust(path, file, attributes);
}

const absent: FileState = { kind: "absent" };

function* absence({ path }: Arguments, file: FileState): Plan {
  if (file.kind === "absent") return undefined;
  yield { kind: "remove", path, changes: [change(fileState(path), () => absent)], undo: { restore: [path] } };
  return undefined;
}
