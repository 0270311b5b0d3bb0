/** Measures how long a person was waited for: that counts for no deadline. */
export class Patience {
  #waiting = 0;
  #since = 0;
  #spent = 0;

  async during<T>(answer: Promise<T>): Promise<T> {
    if (this.#waiting === 0) this.#since = Date.now();
    this.#waiting += 1;
    try {
      return await answer;
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#spent += Date.now() - this.#since;
    }
  }

  /** Milliseconds that were waited since this was last asked. */
  take(): number {
    const now = Date.now();
    const spent = this.#spent + (this.#waiting > 0 ? now - this.#since : 0);
    this.#spent = 0;
    this.#since = now;
    return spent;
  }
}
