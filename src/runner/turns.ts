/** Lets work that goes by the same name be done one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work once all work of any of these names that was asked for before is over, however that ended. */
  take<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = names.map((name) => this.#last.get(name));
    const turn = Promise.allSettled(before).then(work);
    for (const name of names) this.#last.set(name, turn);
    return turn;
  }
}
