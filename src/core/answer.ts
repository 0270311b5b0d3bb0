/** A command as its words: never a shell string. `remote/shell.ts` alone turns it into one. */
export type Argv = readonly [program: string, ...args: string[]];

/** What a host answered to one command. `code` is the exit code, 128 + N when signal N ended it. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
