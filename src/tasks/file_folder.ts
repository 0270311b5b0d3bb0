import { change } from "../core/step.ts";
import { type Plan, stop } from "../core/task.ts";
import { type FileState, fileState } from "../facts/files.ts";
import { type Attributes, accountOf, adjust, octal } from "./file_attributes.ts";

const newMode = 0o755;

/** A folder with these attributes, made with those above it where it isn't there. */
export function* folder({ path, mode, owner, group }: Attributes & { readonly path: string }, file: FileState): Plan {
  if (file.kind === "folder") return yield* adjust(path, file, { mode, owner, group });
  if (file.kind !== "absent") return stop("failed", `${path} is there and is no folder: remove it first ("state: absent")`);
  const bits = mode ?? newMode;
  const ownership = [...(owner === undefined ? [] : ["-o", owner]), ...(group === undefined ? [] : ["-g", group])];
  const made: FileState = { kind: "folder", mode: bits, owner: accountOf(owner), group: accountOf(group), size: 0 };
  yield {
    kind: "run",
    argv: ["install", "-d", "-m", octal(bits), ...ownership, "--", path],
    changes: [change(fileState(path), () => made)],
    undo: { run: ["rmdir", "--", path] },
  };
  return undefined;
}
