/** What stands before a frame of one stream, and the frame itself. */
export interface Frame {
  /** What ended: "s0" is the first step, "q0" the first question. */
  readonly label: string;
  readonly code: number;
  readonly body: Buffer;
}

/** Cuts a stream of exact bytes at its frames: a nonce, a blank, a label, a blank, an exit code, a newline. */
export class FrameSplitter {
  readonly #mark: Buffer;
  #body: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);

  /** `onText` sees the bytes of the body as they come. */
  constructor(
    nonce: string,
    private readonly onFrame: (frame: Frame) => void,
    private readonly onText: (bytes: Buffer) => void = () => undefined,
  ) {
    this.#mark = Buffer.from(`${nonce} `);
  }

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
    return Buffer.concat([...this.#body, this.#rest]);
  }

  /** With the mark at the start of the rest: takes the frame, if all of it has come. */
  #takeFrame(): boolean {
    const end = this.#rest.indexOf("\n");
    if (end === -1) return false;
    const [label = "", code] = this.#rest.toString("latin1", this.#mark.length, end).split(" ");
    this.#rest = this.#rest.subarray(end + 1);
    const body = Buffer.concat(this.#body);
    this.#body = [];
    this.onFrame({ label, code: Number(code), body });
    return true;
  }

  #release(length: number): void {
    if (length === 0) return;
    const text = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#body.push(text);
    this.onText(text);
  }
}

/** How many bytes at the end of `data` may be the beginning of `mark`. */
function startOf(mark: Buffer, data: Buffer): number {
  for (let length = Math.min(mark.length - 1, data.length); length > 0; length--) {
    if (data.subarray(data.length - length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}
