import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Console } from "../../src/commands/console.ts";

/** A console of a test in a folder of its own: what was printed, and answers to what is asked. */
export interface TestConsole extends Console {
  readonly folder: string;
  readonly printed: () => string;
  readonly told: () => string;
  /** Presses Ctrl-C. */
  readonly interrupt: () => void;
  write(name: string, text: string): string;
  /** Makes folders below its own. */
  folders(...names: readonly string[]): void;
}

export function testConsole(answers: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): TestConsole {
  const folder = mkdtempSync(join(tmpdir(), "kofleet-commands-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const out: string[] = [];
  const error: string[] = [];
  const listeners: (() => void)[] = [];
  const left = [...answers];
  return {
    environment: { HOME: folder, ...environment },
    cwd: folder,
    home: folder,
    user: "tester",
    out: { write: (text) => void out.push(text), isTerminal: false },
    error: { write: (text) => void error.push(text), isTerminal: answers.length > 0 },
    now: () => new Date(),
    random: () => 0.5,
    ask: async (question) => {
      error.push(question);
      const answer = left.shift();
      if (answer === undefined) throw new Error(`nobody was to be asked: ${question}`);
      return answer;
    },
    onInterrupt: (callback) => void listeners.push(callback),
    folder,
    printed: () => out.join(""),
    told: () => error.join(""),
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    write: (name, text) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    folders: (...names) => {
      for (const name of names) mkdirSync(join(folder, name));
    },
  };
}

/** An inventory of this machine under two names, and a host that refuses. */
export const localInventory = `all:
  vars: { greeting: hello }
  children:
    here:
      hosts:
        here[1:2]: { connection: local }
    away:
      hosts:
        nobody: { host: 127.0.0.1, port: 1, password: wrong }
`;
