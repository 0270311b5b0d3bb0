import type { Terminal } from "../report/live_reporter.ts";

/** A place to write text to. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns; undefined where it is no terminal. */
  readonly width?: number;
}

/** What a command knows of the world it was started in; nothing else is taken from the process. */
export interface Console {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  readonly user: string;
  /** Results. */
  readonly out: Output;
  /** Everything else. */
  readonly error: Output;
  /** The terminal behind `error`, for what moves; undefined where it is none. */
  readonly terminal?: Terminal;
  now(): Date;
  random(): number;
  /** Asks a person; the answer without its line end. Throws a KofleetError where nobody can be asked. */
  ask(question: string, options?: { readonly isSecret?: boolean }): Promise<string>;
  /** Calls back at each Ctrl-C. */
  onInterrupt(callback: () => void): void;
}
