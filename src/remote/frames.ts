import { Body } from "./body.ts";

/** What stands before a frame of one stream, and the frame itself. */
export interface Frame {
  /** What ended: "s0" is the first step, "q0" the first question. */
  readonly label: string;
  readonly code: number;
  readonly body: Buffer;
}

/** Who takes the frames, and says how much of them. */
export interface FrameListener {
  onFrame(frame: Frame): void;
  /** Sees the bytes of the body as they come. */
  onText?(bytes: Buffer): void;
  /** Bytes that the body of the frame that is under way may have. */
  limit(): number;
  /** The error for a body that has more. */
  excess(limit: number): Error;
}

/** Bytes of a frame's label and exit code: "q1234 137". What is longer is cut there, and is a label that nobody waits for. */
const longestHeader = 64;

/** Cuts a stream of exact bytes at its frames: a nonce, a blank, a label, a blank, an exit code, a newline. Keeps no more than its listener allows. */
export class FrameSplitter {
  readonly #mark: Buffer;
  readonly #body = new Body();
  #rest: Buffer = Buffer.alloc(0);

  constructor(
    nonce: string,
    private readonly listener: FrameListener,
  ) {
    this.#mark = Buffer.from(`${nonce} `);
  }

  /** Throws the listener's error at the first byte too many; nothing may be pushed after that. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = this.#rest.indexOf(this.#mark);
    for (; at !== -1; at = this.#rest.indexOf(this.#mark)) {
      this.#release(at);
      if (!this.#takeFrame()) return;
    }
    this.#release(this.#rest.length - startOf(this.#mark, this.#rest));
  }

  /** The bytes after the last frame. */
  tail(): Buffer {
    return Buffer.concat([this.#body.take(), this.#rest]);
  }

  /** With the mark at the start of the rest: takes the frame, if all of it has come. */
  #takeFrame(): boolean {
    const header = this.#rest.subarray(this.#mark.length, this.#mark.length + longestHeader);
    const end = header.indexOf("\n");
    if (end === -1 && header.length < longestHeader) return false;
    const [label = "", code] = header.toString("latin1", 0, end === -1 ? longestHeader : end).split(" ");
    this.#rest = this.#rest.subarray(this.#mark.length + (end === -1 ? longestHeader : end + 1));
    this.listener.onFrame({ label, code: Number(code), body: this.#body.take() });
    return true;
  }

  #release(length: number): void {
    if (length === 0) return;
    const limit = this.listener.limit();
    if (this.#body.length + length > limit) throw this.listener.excess(limit);
    const text = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#body.add(text);
    this.listener.onText?.(text);
  }
}

/** How many bytes at the end of `data` may be the beginning of `mark`. */
function startOf(mark: Buffer, data: Buffer): number {
  for (let length = Math.min(mark.length - 1, data.length); length > 0; length--) {
    if (data.subarray(data.length - length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
