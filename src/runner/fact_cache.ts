import type { Answer } from "../core/answer.ts";
import type { Fact } from "../core/fact.ts";

/** Milliseconds that an answer stays true without anything having been done on the host. */
const freshFor = 5000;

/** The answers of one host: they hold until a step on it, a reconnect, or five seconds. */
export class FactCache {
  readonly #answers = new Map<string, { readonly answer: Answer; readonly at: number }>();
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** The answer to a fact, as far as it is still fresh. `user` is whose rights it was asked with. */
  find(fact: Fact<unknown>, user: string): Answer | undefined {
    const found = this.#answers.get(`${user} ${fact.name}`);
    return found && this.#now().getTime() - found.at < freshFor ? found.answer : undefined;
  }

  store(fact: Fact<unknown>, user: string, answer: Answer): void {
    this.#answers.set(`${user} ${fact.name}`, { answer, at: this.#now().getTime() });
  }

  clear(): void {
    this.#answers.clear();
  }
}
