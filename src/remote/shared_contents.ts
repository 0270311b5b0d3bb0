interface Entry {
  readonly bytes: Promise<Uint8Array>;
  users: number;
}

/** Contents under upload: read once for all hosts that write them at a time, and forgotten with the last of them. */
export class SharedContents {
  readonly #entries = new Map<string, Entry>();

  /** Lends the bytes of some digests to some work. */
  async use<T>(
    digests: readonly string[],
    load: (sha256: string) => Promise<Uint8Array>,
    work: (bytes: readonly Uint8Array[]) => Promise<T>,
  ): Promise<T> {
    const entries = digests.map((sha256) => this.#borrow(sha256, load));
    try {
      return await work(await Promise.all(entries.map(({ bytes }) => bytes)));
    } finally {
      for (const sha256 of digests) this.#giveBack(sha256);
    }
  }

  #borrow(sha256: string, load: (sha256: string) => Promise<Uint8Array>): Entry {
    const entry = this.#entries.get(sha256) ?? { bytes: load(sha256), users: 0 };
    entry.users += 1;
    this.#entries.set(sha256, entry);
    return entry;
  }

  #giveBack(sha256: string): void {
    const entry = this.#entries.get(sha256);
    if (entry === undefined) return;
    entry.users -= 1;
    if (entry.users === 0) this.#entries.delete(sha256);
  }
}
