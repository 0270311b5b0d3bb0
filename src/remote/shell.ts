import type { Argv } from "../core/answer.ts";
import { StepError } from "../core/error.ts";

/**
 * One word for any login shell: sh, csh and fish read it alike.
 * They differ inside single quotes (fish knows \\ and \' there, csh expands ! there), so those three stand outside of them.
 */
export function quoteWord(word: string): string {
  if (word.includes("\0")) throw new StepError(`a command's word holds a NUL byte: ${JSON.stringify(word)}`, {});
  if (/^[\w./:+-]+$/.test(word)) return word;
  if (word === "") return "''";
  return word.replace(/['\\!]|[^'\\!]+/g, (part) => (/['\\!]/.test(part) ? `\\${part}` : `'${part}'`));
}

/** A command as one line of shell. */
export const quote = (argv: readonly string[]): string => argv.map(quoteWord).join(" ");

/** A command with its variables, as argv. */
export function withEnv(argv: Argv, env: Readonly<Record<string, string>> = {}): Argv {
  const pairs = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? argv : ["env", ...pairs, ...argv];
}

/** For a subshell: becomes the command. */
export const execLine = (argv: Argv): string => `exec ${quote(argv)}`;

/** For a subshell: a line in a folder; where that is missing the line fails instead of running elsewhere. */
export const inFolder = (folder: string | undefined, line: string): string =>
  folder === undefined ? line : `cd -- ${quoteWord(folder)} && ${line}`;

/** Reads a script by its length from stdin and runs it, so that neither `ps` nor the limits of argv see it. */
export const readScript = 'IFS= read -r n && s=$(head -c "$n") && eval "$s"';

/** What one exec runs: a command as it is, or a script that is to come on stdin. */
export type Payload = { readonly argv: Argv } | "script";

/** The command line of one exec with one's own rights, for any login shell. */
export const commandLine = (payload: Payload): string =>
  payload === "script" ? quote(["sh", "-c", readScript]) : `${quote(payload.argv)} </dev/null`;

/** Whether a command can stand on a command line: csh has no way to quote a newline that sh reads alike. */
export const fitsCommandLine = (argv: Argv): boolean => !argv.some((word) => word.includes("\n"));

/** A script as it is sent: its length in bytes, then itself. */
export function framedScript(script: string): Buffer {
  const bytes = Buffer.from(script);
  return Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes]);
}
