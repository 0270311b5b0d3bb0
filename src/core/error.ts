import type { Argv } from "./answer.ts";

/** A place in a user's file; line and column count from 1. What a program printed has only the program's file. */
export interface Position {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** "file:line:column", as editors and terminals understand it. */
export const formatPosition = ({ file, line, column }: Position): string =>
  [file, line, column].filter((part) => part !== undefined).join(":");

/** The root of all errors that are for people: the message says what happened, where, and what to do. */
export class KofleetError extends Error {
  override readonly name: string = "KofleetError";
}

/** Something the user wrote is wrong. Names the place where there is one. */
export class ConfigError extends KofleetError {
  override readonly name = "ConfigError";

  constructor(
    readonly problem: string,
    readonly position?: Position,
    options?: ErrorOptions,
  ) {
    super(position ? `${formatPosition(position)}: ${problem}` : problem, options);
  }
}

/** Why a host could not be reached, or not be asked as the user wanted. */
export type ConnectReason = "dns" | "refused" | "timeout" | "host-key" | "auth" | "lost" | "sudo" | "protocol";

/** A host could not be reached, or was lost. `lost`, `timeout`, `refused` and `protocol` may be worth another try; `auth`, `host-key` and `sudo` never are. */
export class ConnectError extends KofleetError {
  override readonly name = "ConnectError";

  constructor(
    readonly reason: ConnectReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A host's answer could not be read. */
export class FactError extends KofleetError {
  override readonly name = "FactError";
}

/** A step failed on a host. */
export class StepError extends KofleetError {
  override readonly name = "StepError";

  constructor(
    message: string,
    readonly details: { readonly argv?: Argv; readonly code?: number; readonly stdout?: string; readonly stderr?: string },
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An artifact is not what it should be; the message shows both values. */
export class ProofError extends KofleetError {
  override readonly name = "ProofError";
}

/** What went wrong, in one line, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
