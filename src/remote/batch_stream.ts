import type { Step } from "../core/step.ts";
import { type Frame, FrameSplitter } from "./frames.ts";
import { LineSplitter } from "./lines.ts";

/** Who wants to know what happens meanwhile. */
export interface StreamListener {
  readonly onLine?: ((step: number, line: string) => void) | undefined;
  readonly onStep?: ((step: number) => void) | undefined;
}

/** Whether an exit code means that a step succeeded. */
export const accepts = (step: Step, code: number): boolean => (step.kind === "run" ? (step.codes ?? [0]) : [0]).includes(code);

/** One of the two streams of a round trip: keeps its frames by label, and tells lines and steps as they come. */
export class BatchStream {
  readonly frames = new Map<string, Frame>();
  readonly #splitter: FrameSplitter;
  readonly #lines: LineSplitter;
  #end: () => void = () => undefined;
  /** Resolves with the last frame. */
  readonly ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });
  /** The step that runs now. */
  #step: number | undefined;

  constructor(
    nonce: string,
    private readonly steps: readonly Step[],
    private readonly listener: StreamListener,
  ) {
    this.#lines = new LineSplitter((line) => this.#step !== undefined && listener.onLine?.(this.#step, line));
    this.#splitter = new FrameSplitter(
      nonce,
      (frame) => this.#take(frame),
      (text) => this.#isReadable() && this.#lines.push(text),
    );
  }

  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  /** What a fetch prints is a file. */
  #isReadable(): boolean {
    const kind = this.#step === undefined ? undefined : this.steps[this.#step]?.kind;
    return kind === "run" || kind === "script";
  }

  #take(frame: Frame): void {
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
    const step = ended === undefined ? undefined : this.steps[ended];
    if (step !== undefined && !accepts(step, code)) return undefined;
    const next = label === "start" ? 0 : ended === undefined ? undefined : ended + 1;
    return next !== undefined && next < this.steps.length ? next : undefined;
  }
}
