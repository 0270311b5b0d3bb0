import type { Argv } from "../core/answer.ts";
import { change, type RunStep } from "../core/step.ts";
import { type Account, type FileState, fileState, type PresentFile } from "../facts/files.ts";

/** What a file shall have; what is undefined stays as it is. */
export interface Attributes {
  readonly mode?: number | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** An account as the user names it: digits are a number. Nothing is known where nobody names one. */
export function accountOf(name: string | undefined): Account {
  if (name === undefined) return {};
  return /^\d+$/.test(name) ? { id: Number(name) } : { name };
}

/** An account as chown takes it; the number is there always, the name for people. */
export const accountText = ({ id, name }: Account): string | undefined => name ?? id?.toString();

const isAccount = (account: Account, wanted: string | undefined): boolean =>
  wanted === undefined || (/^\d+$/.test(wanted) ? account.id === Number(wanted) : account.name === wanted);

/** Permission bits as chmod takes them: with fewer than five digits it would leave the set-group-id bit of a folder. */
export const octal = (mode: number): string => mode.toString(8).padStart(5, "0");

/** Steps that give a path its owner, group and mode where it has others. */
export function* adjust(path: string, file: PresentFile, { mode, owner, group }: Attributes): Generator<RunStep, undefined, undefined> {
  const moves = !isAccount(file.owner, owner) || !isAccount(file.group, group);
  if (moves) yield chown(path, file, owner, group);
  // chown takes the set-user-id and set-group-id bits away.
  const wanted = mode ?? (moves && (file.mode & 0o6000) !== 0 ? file.mode : undefined);
  if (wanted !== undefined && (wanted !== file.mode || (moves && (wanted & 0o6000) !== 0))) yield chmod(path, file, wanted);
}

function chown(path: string, before: PresentFile, owner: string | undefined, group: string | undefined): RunStep {
  const argv = (user = "", members = ""): Argv => ["chown", "-h", "--", members === "" ? user : `${user}:${members}`, path];
  const [user, members] = [accountText(before.owner), accountText(before.group)];
  // Taken back by chown, a program would lose these bits once more.
  const isLossy = before.kind === "file" && (before.mode & 0o6000) !== 0;
  const changed = { ...(owner !== undefined && { owner: accountOf(owner) }), ...(group !== undefined && { group: accountOf(group) }) };
  return {
    kind: "run",
    argv: argv(owner, group),
    changes: [change(fileState(path), (file) => withAttributes(file, changed))],
    undo: user === undefined || members === undefined || isLossy ? { restore: [path] } : { run: argv(user, members) },
  };
}

function chmod(path: string, before: PresentFile, mode: number): RunStep {
  return {
    kind: "run",
    argv: ["chmod", octal(mode), "--", path],
    changes: [change(fileState(path), (file) => withAttributes(file, { mode }))],
    undo: { run: ["chmod", octal(before.mode), "--", path] },
  };
}

const withAttributes = (file: FileState, changed: Partial<Pick<PresentFile, "mode" | "owner" | "group">>): FileState =>
  file.kind === "absent" ? file : { ...file, ...changed };
