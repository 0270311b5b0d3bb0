import { withDeadline } from "./deadline.ts";

/** Seconds that a kill may take before its connection is closed over it: sudo may have to ask first. */
const killTimeout = 5;

/** A session that ends others. */
export interface KillSession {
  readonly ended: Promise<unknown>;
  release(): void;
}

/** The kills under way on one connection: each takes a session of its own, which must not be cut off. */
export class Kills {
  readonly #pending = new Set<Promise<unknown>>();

  /** Keeps a kill until it is done, or takes too long. */
  add(session: KillSession): void {
    const expired = () => new Error("a kill takes too long");
    const killing: Promise<unknown> = withDeadline(session.ended, { timeout: killTimeout, expired }, session.release)
      .catch(() => undefined)
      .finally(() => this.#pending.delete(killing));
    this.#pending.add(killing);
  }

  /** Resolves when all of them are done. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
