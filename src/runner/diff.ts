import { isUtf8 } from "node:buffer";
import type { Answer } from "../core/answer.ts";
import { FactError } from "../core/error.ts";
import type { Step, WriteStep } from "../core/step.ts";
import { type FileBytes, fileBytes } from "../facts/file_bytes.ts";
import type { TaskScope } from "./apply.ts";

/** Bytes of the largest file whose contents are compared. */
const most = 1 << 20;
/** Milliseconds after which two files are said to differ without saying where. */
const patience = 2000;

/** Tells, for each file that the steps write, how it will differ: a unified diff. Costs one round trip; nothing where the task is `no_log`. */
export async function tellDiffs({ session, context, task, become, isSecret }: TaskScope, steps: readonly Step[]): Promise<void> {
  const writes = steps.filter((step) => step.kind === "write");
  if (isSecret || writes.length === 0) return;
  const facts = writes.map(({ path }) => fileBytes(path, most));
  const { answers } = await session.ask({ steps: [], questions: facts.map(({ command }) => command) }, become);
  for (const [index, step] of writes.entries()) {
    const before = () => facts[index]?.parse(answers[index] as Answer) ?? { kind: "absent" };
    const diff = await diffOf(step, before, await context.control.contents.open(step.sha256));
    if (diff !== "") context.emit({ type: "file-diff", host: session.name, task, path: step.path, diff });
  }
}

async function diffOf({ path, isSecret }: WriteStep, read: () => FileBytes, after: Uint8Array): Promise<string> {
  if (isSecret) return `${path}: contents with a secret are not shown\n`;
  try {
    const before = read();
    return await compare(path, before.kind === "absent" ? undefined : before, after);
  } catch (error) {
    // What can't be looked at must not keep the task from its work, which will say so itself.
    if (error instanceof FactError) return `${error.message}\n`;
    throw error;
  }
}

async function compare(path: string, before: Extract<FileBytes, { kind: "file" }> | undefined, after: Uint8Array): Promise<string> {
  const old = before === undefined ? "" : textOf(before.bytes);
  const next = textOf(after);
  if (old === undefined || next === undefined) {
    const was = before === undefined ? "absent" : `${before.size} bytes`;
    return `${path}: contents that are not compared: was ${was}, becomes ${after.length} bytes\n`;
  }
  if (before !== undefined && old === next) return "";
  // Most runs never compare anything.
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import("diff");
  const options = { headerOptions: FILE_HEADERS_ONLY, context: 3, timeout: patience };
  const from = before === undefined ? "/dev/null" : path;
  return createTwoFilesPatch(from, path, old, next, undefined, undefined, options) ?? `${path}: too different to be compared\n`;
}

/** A text, or nothing for what is too large or not UTF-8. */
const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined || bytes.length > most || !isUtf8(bytes) || bytes.includes(0) ? undefined : Buffer.from(bytes).toString("utf8");
