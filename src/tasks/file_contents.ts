import { change, type WriteStep } from "../core/step.ts";
import { type Plan, stop } from "../core/task.ts";
import { type FileState, fileState } from "../facts/files.ts";
import { type Attributes, accountOf, accountText, adjust } from "./file_attributes.ts";
import type { Content } from "./file_inputs.ts";

const newMode = 0o644;
const newSecretMode = 0o600;

/** Brings contents and attributes to a path. A link there is replaced by the file; attributes that nobody names stay those of the file before. */
export function* bringContents(path: string, file: FileState, content: Content, attributes: Attributes): Plan {
  if (file.kind === "folder") return stop("failed", `${path} is a folder: name the file in it`);
  if (file.kind === "other") return stop("failed", `${path} is neither a file nor a link: it is left alone`);
  if (file.kind !== "file") return yield* write(path, content, attributes);
  if (file.sha256 === undefined) return stop("failed", `${path} can't be read, so it can't be compared: become root, perhaps`);
  if (file.sha256 === content.sha256) return yield* adjust(path, file, attributes);
  const kept = { mode: file.mode, owner: accountText(file.owner), group: accountText(file.group) };
  return yield* write(path, content, {
    mode: attributes.mode ?? kept.mode,
    owner: attributes.owner ?? kept.owner,
    group: attributes.group ?? kept.group,
  });
}

function* write(
  path: string,
  { sha256, size, isSecret }: Content,
  { mode = isSecret ? newSecretMode : newMode, owner, group }: Attributes,
): Generator<WriteStep, undefined, undefined> {
  const written: FileState = { kind: "file", mode, owner: accountOf(owner), group: accountOf(group), size, sha256 };
  yield {
    kind: "write",
    path,
    sha256,
    ...(isSecret && { isSecret }),
    mode,
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
    changes: [change(fileState(path), () => written)],
    undo: { restore: [path] },
  };
}
