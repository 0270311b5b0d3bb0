import { Body } from "./body.ts";

/** Calls back with each whole line of a stream, without its end; a character split over two chunks stays whole. */
export class LineSplitter {
  readonly #rest = new Body();

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      this.#rest.add(chunk.subarray(from, end));
      this.onLine(this.#rest.take().toString());
      from = end + 1;
    }
    this.#rest.add(chunk.subarray(from));
  }

  /** Hands over what stands behind the last newline. */
  flush(): void {
    if (this.#rest.length > 0) this.onLine(this.#rest.take().toString());
  }
}
