import type { Answer, Argv } from "./answer.ts";

/**
 * One question to a host: a read-only command, and the reading of its answer.
 * The name identifies question and arguments together: two facts of one name are one fact.
 * `parse` is total or throws a FactError; "absent", "empty" and "unreadable" stay three different answers.
 */
export interface Fact<T> {
  readonly name: string;
  readonly command: Argv;
  /** Costs seconds (looking into an initramfs, say): asked only by the task that needs it, never in advance. */
  readonly slow?: true;
  parse(answer: Answer): T;
}

/** Facts by the name under which a plan reads them. */
export type FactMap = Readonly<Record<string, Fact<unknown>>>;
