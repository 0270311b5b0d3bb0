import type { AskOptions, Batch, BatchAnswers } from "../core/connection.ts";
import type { Step, WriteStep } from "../core/step.ts";
import { readAnswers } from "./batch_answers.ts";
import { batchLine } from "./batch_script.ts";
import type { BatchShell } from "./batch_shell.ts";
import { BatchStream } from "./batch_stream.ts";
import { tooLong, withDeadline } from "./deadline.ts";
import { createNonce } from "./nonce.ts";
import type { SharedContents } from "./shared_contents.ts";
import type { ShellPool } from "./shell_pool.ts";

/** What asking needs of its connection. */
export interface Asking {
  readonly place: string;
  readonly shells: ShellPool;
  readonly contents: SharedContents;
}

/** Makes one round trip. Throws a ConnectError, what reading the contents threw, or a StepError or FactError where the host sends more than is taken. */
export function ask({ place, shells, contents }: Asking, batch: Batch, options: AskOptions): Promise<BatchAnswers> {
  const writes = batch.steps.filter((step) => step.kind === "write");
  const digests = writes.map(({ sha256 }) => sha256);
  const stop = new AbortController();
  let shell: BatchShell | undefined;
  const asking = contents.use(digests, options.contents, async (bytes) => {
    const nonce = createNonce();
    const line = batchLine(batch, { ...options, nonce, jobId: createNonce().slice(0, 12), sizes: sizesOf(writes, bytes) });
    stop.signal.throwIfAborted();
    shell = shells.take(options.become);
    const answers = await runBatch(shell, { place, batch, nonce, line, bytes }, options);
    if (hasReadAll(batch.steps, answers)) shells.give(options.become, shell);
    else shell.release();
    return answers;
  });
  const cancel = () => {
    stop.abort();
    shell?.kill();
  };
  const expired = () => shell?.unanswered() ?? tooLong(place, options.timeout);
  return withDeadline(asking, { timeout: options.timeout, signal: options.signal, expired }, cancel);
}

interface SentBatch {
  readonly place: string;
  readonly batch: Batch;
  readonly nonce: string;
  readonly line: Buffer;
  readonly bytes: readonly Uint8Array[];
}

async function runBatch(
  shell: BatchShell,
  { place, batch, nonce, line, bytes }: SentBatch,
  { onLine, onStep }: AskOptions,
): Promise<BatchAnswers> {
  const stdout = new BatchStream(nonce, { place, name: "stdout", ...batch }, { onLine, onStep });
  const stderr = new BatchStream(nonce, { place, name: "stderr", ...batch }, { onLine });
  const listener = { stdout: (chunk: Buffer) => stdout.push(chunk), stderr: (chunk: Buffer) => stderr.push(chunk) };
  await shell.run(line, bytes, listener, Promise.all([stdout.ended, stderr.ended]));
  return readAnswers(batch, stdout.frames, stderr.frames);
}

const sizesOf = (writes: readonly WriteStep[], bytes: readonly Uint8Array[]): ReadonlyMap<Step, number> =>
  new Map(writes.map((step, index) => [step, bytes[index]?.length ?? 0]));

/** Behind a step that failed, the contents of later ones still lie unread in the shell's stdin. */
const hasReadAll = (steps: readonly Step[], { steps: answers }: BatchAnswers): boolean =>
  steps.every((step, index) => step.kind !== "write" || answers[index]?.code === 0);
