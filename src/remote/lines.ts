/** Calls back with each whole line of a stream, without its end; a character split over two chunks stays whole. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onLine: (line: string) => void) {}

  push(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10)) {
      this.onLine(data.toString("utf8", 0, end));
      data = data.subarray(end + 1);
    }
    this.#rest = data;
  }

  /** Hands over what stands behind the last newline. */
  flush(): void {
    if (this.#rest.length > 0) this.onLine(this.#rest.toString());
    this.#rest = Buffer.alloc(0);
  }
}
