import pLimit from "p-limit";
import type { Answer, Argv } from "../core/answer.ts";
import type { AskOptions, Batch, BatchAnswers, Connection, ExecOptions } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";
import type { Step } from "../core/step.ts";
import { readAnswers } from "./batch_answers.ts";
import { batchScript } from "./batch_script.ts";
import { BatchStream } from "./batch_stream.ts";
import { type Channel, type Transport, upload } from "./channel.ts";
import { createNonce } from "./nonce.ts";
import { makeRoundTrip, type RoundTrip } from "./round_trip.ts";
import { execLine, fitsCommandLine, framedScript } from "./shell.ts";

/** OpenSSH's MaxSessions is 10. */
const mostChannels = 8;

/** Commands and batches over whatever carries them. */
export function createConnection(transport: Transport): Connection {
  const limit = pLimit(mostChannels);
  let execs = 0;
  const make = (trip: RoundTrip) =>
    limit(() => {
      execs += 1;
      return makeRoundTrip(transport, trip);
    });
  return {
    exec: (command, options) => exec(make, command, options),
    ask: (batch, options) => ask(make, transport.place, batch, options),
    get execs() {
      return execs;
    },
    close: () => transport.close(),
  };
}

type Make = (trip: RoundTrip) => Promise<number | undefined>;

async function exec(make: Make, command: Argv, { onOutput, ...options }: ExecOptions): Promise<Answer> {
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const collect = (stream: "stdout" | "stderr") => (chunk: Buffer) => {
    output[stream].push(chunk);
    onOutput?.(stream, chunk);
  };
  const send = async (channel: Channel) => channel.write(framedScript(`${execLine(command)} </dev/null`));
  const how = fitsCommandLine(command) ? { payload: { argv: command } } : { payload: "script" as const, send };
  const code = await make({ ...options, ...how, stdout: collect("stdout"), stderr: collect("stderr") });
  return { code: code ?? 0, stdout: Buffer.concat(output.stdout).toString(), stderr: Buffer.concat(output.stderr).toString() };
}

async function ask(make: Make, place: string, batch: Batch, options: AskOptions): Promise<BatchAnswers> {
  const { contents, timeout, become, signal, jobs, saved } = options;
  const nonce = createNonce();
  const { stdout, stderr, finished } = readStreams(nonce, batch, options);
  const send = async (channel: Channel) => {
    const bytes = await readContents(batch.steps, contents);
    const sizes = new Map([...bytes].map(([step, { length }]) => [step, length]));
    await channel.write(framedScript(batchScript(batch, { nonce, jobId: createNonce().slice(0, 12), jobs, saved, sizes })));
    for (const content of bytes.values()) await upload(channel, content);
  };
  const trip = { payload: "script", become, timeout, signal, send, finished } as const;
  const code = await make({ ...trip, stdout: (chunk) => stdout.push(chunk), stderr: (chunk) => stderr.push(chunk) });
  if (code !== undefined && !stdout.frames.has("end")) throw brokenOff(place, code, stderr);
  return readAnswers(batch, stdout.frames, stderr.frames);
}

function readStreams(nonce: string, { steps }: Batch, options: AskOptions) {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let open = 2;
  const onEnd = () => {
    open -= 1;
    if (open === 0) finish();
  };
  const onLine = (step: number, line: string) => options.onLine?.(step, line);
  const stdout = new BatchStream(nonce, steps, { onLine, onEnd, onStep: (step) => options.onStep?.(step) });
  const stderr = new BatchStream(nonce, steps, { onLine, onEnd });
  return { stdout, stderr, finished };
}

async function readContents(steps: readonly Step[], contents: AskOptions["contents"]): Promise<Map<Step, Uint8Array>> {
  const writes = steps.filter((step) => step.kind === "write");
  return new Map(await Promise.all(writes.map(async (step) => [step, await contents(step.sha256)] as const)));
}

function brokenOff(place: string, code: number, stderr: BatchStream): ConnectError {
  const said = lastLines(stderr.tail(), 3).replaceAll("\n", "; ") || "it said nothing";
  return new ConnectError("protocol", `${place}: its shell broke off with exit code ${code}: ${said}`);
}
