import pLimit from "p-limit";
import type { Argv } from "../core/answer.ts";
import type { Connect } from "../core/connection.ts";
import { ConfigError, ConnectError } from "../core/error.ts";
import { createConnect } from "../remote/connect.ts";
import { type ExecResult, execReport } from "../report/exec_report.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { localUser } from "./local_user.ts";
import { screenOf } from "./screen.ts";

/** The options of `exec`. */
export interface ExecCommandOptions extends CommonOptions {
  /** Seconds a command may take. */
  readonly commandTimeout?: number;
}

/** Seconds a command may take where nobody says otherwise. */
const defaultTimeout = 600;

/** `kofleet exec PATTERN -- COMMAND…`: one command on many hosts; equal outputs are folded together. */
export async function exec(pattern: string, words: readonly string[], options: ExecCommandOptions, console: Console): Promise<number> {
  const command = commandOf(words);
  const fleet = await openFleet(options, console);
  const interrupt = listenForInterrupt(console);
  const connect = createConnect(localUser(console));
  const limit = pLimit(fleet.forks);
  const hosts = fleet.select(pattern);
  const one = (host: string) =>
    limit(() => (interrupt.isStopping ? undefined : ask(host, command, fleet, connect, options, interrupt.signal)));
  const results = (await Promise.all(hosts.map(one))).filter((result) => result !== undefined);
  print(results, options, console);
  return interrupt.isStopping ? 130 : exitCode(results);
}

/** Several words are the command's words to the letter; a single one with blanks is a line for the host's shell. */
function commandOf(words: readonly string[]): Argv {
  const [program, ...args] = words;
  if (program === undefined || program.trim() === "") throw new ConfigError("no command: kofleet exec PATTERN -- COMMAND…");
  return args.length === 0 && /\s/.test(program) ? ["sh", "-c", program] : [program, ...args];
}

async function ask(
  host: string,
  command: Argv,
  fleet: Fleet,
  connect: Connect,
  options: ExecCommandOptions,
  signal: AbortSignal,
): Promise<ExecResult> {
  try {
    const { target, become } = fleet.reach(host);
    const connection = await connect(target, signal);
    try {
      return {
        host,
        answer: await connection.exec(command, { timeout: options.commandTimeout ?? defaultTimeout, signal, ...(become && { become }) }),
      };
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (error instanceof ConnectError) return { host, unreachable: `${error.reason}: ${error.message}` };
    throw error;
  }
}

function print(results: readonly ExecResult[], options: ExecCommandOptions, console: Console): void {
  if (options.json) for (const result of results) console.out.write(`${JSON.stringify(result)}\n`);
  else if (results.length > 0) console.out.write(`${execReport(results, screenOf(console.out, console, options))}\n`);
}

function exitCode(results: readonly ExecResult[]): number {
  if (results.some((result) => "answer" in result && result.answer.code !== 0)) return 2;
  return results.some((result) => "unreachable" in result) ? 4 : 0;
}
