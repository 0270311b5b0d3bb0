import pLimit from "p-limit";
import type { Argv } from "../core/answer.ts";
import type { Connect } from "../core/connection.ts";
import { ConfigError, ConnectError } from "../core/error.ts";
import { createConnect } from "../remote/connect.ts";
import { LineSplitter } from "../remote/lines.ts";
import { type ExecResult, execDiffReport, execReport } from "../report/exec_report.ts";
import { failureLine, hostLine } from "../report/stream_text.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console, Output } from "./console.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { localUser } from "./local_user.ts";
import { screenOf } from "./screen.ts";

/** The options of `exec`. */
export interface ExecCommandOptions extends CommonOptions {
  /** Seconds a command may take. */
  readonly commandTimeout?: number;
  /** Print lines as they come, each with its host. */
  readonly stream?: boolean;
  /** Print how outputs differ from the commonest. */
  readonly diff?: boolean;
}

/** Seconds a command may take where nobody says otherwise. */
const defaultTimeout = 600;

/** `kofleet exec PATTERN -- COMMAND…`: one command on many hosts; equal outputs are folded together. */
export async function exec(pattern: string, words: readonly string[], options: ExecCommandOptions, console: Console): Promise<number> {
  const command = commandOf(words);
  const fleet = await openFleet(options, console);
  const hosts = fleet.select(pattern);
  fleet.unlock(hosts);
  const interrupt = listenForInterrupt(console);
  const connect = createConnect(localUser(console), { ask: console.ask });
  const limit = pLimit(fleet.forks);
  const one = (host: string) =>
    limit(() => (interrupt.isStopping ? undefined : ask(host, command, { fleet, connect, options, console, signal: interrupt.signal })));
  const results = (await Promise.all(hosts.map(one))).filter((result) => result !== undefined);
  await print(results, options, console);
  return interrupt.isStopping ? 130 : exitCode(results);
}

/** Several words are the command's words to the letter; a single one with blanks is a line for the host's shell. */
function commandOf(words: readonly string[]): Argv {
  const [program, ...args] = words;
  if (program === undefined || program.trim() === "") throw new ConfigError("no command: kofleet exec PATTERN -- COMMAND…");
  return args.length === 0 && /\s/.test(program) ? ["sh", "-c", program] : [program, ...args];
}

interface Asking {
  readonly fleet: Fleet;
  readonly connect: Connect;
  readonly options: ExecCommandOptions;
  readonly console: Console;
  readonly signal: AbortSignal;
}

async function ask(host: string, command: Argv, { fleet, connect, options, console, signal }: Asking): Promise<ExecResult> {
  try {
    const { target, become } = fleet.reach(host);
    const connection = await connect(target, signal);
    const stream = options.stream ? lineStream(host, options, console) : undefined;
    try {
      return {
        host,
        answer: await connection.exec(command, {
          timeout: options.commandTimeout ?? defaultTimeout,
          signal,
          ...(become && { become }),
          ...(stream && { onOutput: stream.onOutput }),
        }),
      };
    } finally {
      stream?.flush();
      await connection.close();
    }
  } catch (error) {
    if (error instanceof ConnectError) return { host, unreachable: `${error.reason}: ${error.message}` };
    throw error;
  }
}

/** Prints each whole line as it comes; in JSON mode nothing, for that is one value a host. */
function lineStream(host: string, options: ExecCommandOptions, console: Console) {
  const splitter = (output: Output) => {
    const screen = screenOf(output, console, options);
    return new LineSplitter((line) => options.json || output.write(hostLine(host, line, screen)));
  };
  const splitters = { stdout: splitter(console.out), stderr: splitter(console.error) };
  return {
    onOutput: (stream: "stdout" | "stderr", chunk: Uint8Array) => splitters[stream].push(Buffer.from(chunk)),
    flush: () => {
      splitters.stdout.flush();
      splitters.stderr.flush();
    },
  };
}

async function print(results: readonly ExecResult[], options: ExecCommandOptions, console: Console): Promise<void> {
  if (options.json) for (const result of results) console.out.write(`${JSON.stringify(result)}\n`);
  else if (options.stream)
    for (const result of results) console.error.write(failureLine(result, screenOf(console.error, console, options)));
  else if (results.length > 0) {
    const screen = screenOf(console.out, console, options);
    console.out.write(`${await (options.diff ? execDiffReport : execReport)(results, screen)}\n`);
  }
}

function exitCode(results: readonly ExecResult[]): number {
  if (results.some((result) => "answer" in result && result.answer.code !== 0)) return 2;
  return results.some((result) => "unreachable" in result) ? 4 : 0;
}
