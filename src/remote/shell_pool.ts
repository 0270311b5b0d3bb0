import type { Become } from "../core/connection.ts";
import { BatchShell } from "./batch_shell.ts";
import type { Access } from "./opening.ts";

/** One as oneself, one as root: more at rest would count against the server's sessions. */
const mostAtRest = 2;

/** The shells of one connection that rest between batches. */
export class ShellPool {
  #resting: { readonly user: string; readonly shell: BatchShell }[] = [];

  constructor(
    private readonly access: Access,
    private readonly onOpen: () => void,
  ) {}

  /** A shell with these rights that nobody uses. */
  take(become: Become | undefined): BatchShell {
    const user = become?.user ?? this.access.transport.user;
    this.#resting = this.#resting.filter(({ shell }) => shell.isOpen);
    const index = this.#resting.findIndex((resting) => resting.user === user);
    const [found] = index < 0 ? [] : this.#resting.splice(index, 1);
    if (found !== undefined) return found.shell;
    this.onOpen();
    return new BatchShell(this.access, become);
  }

  /** Puts a shell to rest that has read all that was sent to it. */
  give(become: Become | undefined, shell: BatchShell): void {
    this.#resting.push({ user: become?.user ?? this.access.transport.user, shell });
    if (this.#resting.length > mostAtRest) this.#resting.shift()?.shell.release();
  }

  /** Lets all of them go. */
  close(): void {
    for (const { shell } of this.#resting.splice(0)) shell.release();
  }
}
