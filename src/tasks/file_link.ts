import type { Argv } from "../core/answer.ts";
import { change } from "../core/step.ts";
import { type Plan, stop } from "../core/task.ts";
import { type FileState, fileState, type PresentFile } from "../facts/files.ts";
import { type Attributes, adjust } from "./file_attributes.ts";

/** Everybody may follow a link; the bits say nothing. */
const linkMode = 0o777;

/** A symbolic link to a target, which need not exist. A link to elsewhere is turned; anything else in its place is left alone. */
export function* link(
  { path, target = "", owner, group }: Attributes & { readonly path: string; readonly target?: string | undefined },
  file: FileState,
): Plan {
  if (file.kind !== "link" && file.kind !== "absent")
    return stop("failed", `${path} is there and is no link: remove it first ("state: absent")`);
  if (file.kind === "link" && file.target === target) return yield* adjust(path, file, { owner, group });
  const before = file.kind === "link" ? file : undefined;
  const made: PresentFile = { kind: "link", mode: linkMode, owner: {}, group: {}, size: Buffer.byteLength(target), target };
  yield {
    kind: "run",
    argv: linkTo(target, path),
    changes: [change(fileState(path), () => made)],
    undo: { run: before?.target === undefined ? ["rm", "--", path] : linkTo(before.target, path) },
  };
  return yield* adjust(path, made, { owner, group });
}

/** `-n`: a link to a folder is turned, not entered. */
const linkTo = (target: string, path: string): Argv => ["ln", "-sfn", "--", target, path];
