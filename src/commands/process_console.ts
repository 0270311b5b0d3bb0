import { homedir, userInfo } from "node:os";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { KofleetError } from "../core/error.ts";
import type { Console, Output } from "./console.ts";

/** The console of this process. */
export const processConsole = (): Console => ({
  environment: process.env,
  cwd: process.cwd(),
  home: process.env.HOME ?? homedir(),
  user: process.env.LOGNAME ?? userInfo().username,
  out: output(process.stdout),
  error: output(process.stderr),
  ...(process.stderr.isTTY && { terminal: process.stderr }),
  now: () => new Date(),
  random: Math.random,
  ask,
  onInterrupt: (callback) => void process.on("SIGINT", callback),
});

const output = (stream: NodeJS.WriteStream): Output => ({
  write: (text) => void stream.write(text),
  isTerminal: stream.isTTY === true,
  get width() {
    return stream.columns;
  },
});

/** Asks on stderr, so that a redirected stdout holds results only. */
function ask(question: string, { isSecret = false }: { readonly isSecret?: boolean } = {}): Promise<string> {
  if (!process.stdin.isTTY) throw new KofleetError(`nobody can be asked "${question.trim()}": standard input is no terminal`);
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: isSecret ? silent : process.stderr, terminal: true });
  return new Promise((resolve, reject) => {
    reader.once("line", (line) => {
      if (isSecret) process.stderr.write("\n");
      resolve(line);
      reader.close();
    });
    reader.once("SIGINT", () => {
      reader.close();
      reject(new KofleetError("interrupted"));
    });
  });
}
