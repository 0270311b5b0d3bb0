import type { Argv } from "../core/answer.ts";
import { ConnectError, FactError, StepError } from "../core/error.ts";
import { describeStep, type FetchStep, type Step } from "../core/step.ts";
import { type Frame, FrameSplitter } from "./frames.ts";
import { LineSplitter } from "./lines.ts";

/** Who wants to know what happens meanwhile. */
export interface StreamListener {
  readonly onLine?: ((step: number, line: string) => void) | undefined;
  readonly onStep?: ((step: number) => void) | undefined;
}

/** What comes through a stream. */
export interface StreamSource {
  /** Address and port, for messages. */
  readonly place: string;
  readonly name: "stdout" | "stderr";
  readonly steps: readonly Step[];
  readonly questions: readonly Argv[];
}

/**
 * Bytes of all that the programs of one round trip print on one stream, fetched files not counted: thousands of times the longest answer that the
 * tests have from a real host, and room for the log of any build.
 */
export const largestText = 32 * 2 ** 20;

/** Whether an exit code means that a step succeeded. */
export const accepts = (step: Step, code: number): boolean => (step.kind === "run" ? (step.codes ?? [0]) : [0]).includes(code);

const labelsOf = ({ steps, questions }: StreamSource): string[] => [
  "start",
  ...steps.flatMap(({ kind }, index) => (kind === "fetch" ? [`f${index}`, `s${index}`] : [`s${index}`])),
  ...questions.map((_, index) => `q${index}`),
  "end",
];

/**
 * One of the two streams of a round trip: keeps its frames by label, and tells lines and steps as they come. What a host may send is bounded: a file by the
 * limit of its fetch, all texts by `largestText`, and no label comes twice.
 */
export class BatchStream {
  readonly frames = new Map<string, Frame>();
  readonly #splitter: FrameSplitter;
  readonly #lines: LineSplitter;
  readonly #awaited: Set<string>;
  /** Bytes of text that may still come. */
  #left = largestText;
  #hasFailed = false;
  #end: () => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  /** Resolves with the last frame. Rejects with a StepError or FactError where the host sends too much, with a ConnectError where it sends frames of its own. */
  readonly ended = new Promise<void>((resolve, reject) => {
    this.#end = resolve;
    this.#fail = reject;
  });
  /** The step that runs now. */
  #step: number | undefined;

  constructor(
    nonce: string,
    private readonly source: StreamSource,
    private readonly listener: StreamListener,
  ) {
    this.#awaited = new Set(labelsOf(source));
    this.#lines = new LineSplitter((line) => this.#step !== undefined && listener.onLine?.(this.#step, line));
    this.#splitter = new FrameSplitter(nonce, {
      onFrame: (frame) => this.#take(frame),
      onText: (text) => this.#isReadable() && this.#lines.push(text),
      limit: () => this.#file()?.limit ?? this.#left,
      excess: () => this.#excess(),
    });
  }

  /** What comes behind a failure is dropped. */
  push(chunk: Buffer): void {
    if (this.#hasFailed) return;
    try {
      this.#splitter.push(chunk);
    } catch (error) {
      this.#hasFailed = true;
      this.#fail(error);
    }
  }

  /** What a fetch prints is a file. */
  #isReadable(): boolean {
    const kind = this.#running()?.kind;
    return kind === "run" || kind === "script";
  }

  #running(): Step | undefined {
    return this.#step === undefined ? undefined : this.source.steps[this.#step];
  }

  /** The fetch whose file comes now: behind it there is only a log. */
  #file(): FetchStep | undefined {
    const step = this.#running();
    return step?.kind === "fetch" && this.source.name === "stdout" && this.#awaited.has(`f${this.#step}`) ? step : undefined;
  }

  #excess(): Error {
    const { place, name } = this.source;
    const [file, step] = [this.#file(), this.#running()];
    if (file) return new StepError(`${place}: ${describeStep(file)}: ${file.path} is too large: the limit is ${file.limit} bytes`, {});
    const problem = `more text on ${name} than kofleet takes in one round trip: the limit is ${largestText} bytes`;
    return step ? new StepError(`${place}: ${describeStep(step)}: ${problem}`, {}) : new FactError(`${place} answers with ${problem}`);
  }

  #take(frame: Frame): void {
    const { place } = this.source;
    if (!this.#awaited.has(frame.label)) throw new ConnectError("protocol", `${place}: its shell answers what nobody asked`);
    if (!this.#file()) this.#left -= frame.body.length;
    this.#awaited.delete(frame.label);
    this.frames.set(frame.label, frame);
    this.#lines.flush();
    const next = this.#stepAfter(frame);
    if (next !== this.#step && next !== undefined) this.listener.onStep?.(next);
    this.#step = next;
    if (frame.label === "end") this.#end();
  }

  #stepAfter({ label, code }: Frame): number | undefined {
    if (label.startsWith("f")) return this.#step;
    const ended = label.startsWith("s") && label !== "start" ? Number(label.slice(1)) : undefined;
    const step = ended === undefined ? undefined : this.source.steps[ended];
    if (step !== undefined && !accepts(step, code)) return undefined;
    const next = label === "start" ? 0 : ended === undefined ? undefined : ended + 1;
    return next !== undefined && next < this.source.steps.length ? next : undefined;
  }
}
