import pLimit from "p-limit";
import { ConnectError, messageOf } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import { Secret } from "../core/secret.ts";

/** Puts a question to the person and gives the answer; throws where nobody can be asked. */
export type Ask = (question: string, options: { readonly isSecret: boolean }) => Promise<string>;

/** The longest question that a server may have put: what is more would push other lines off the screen. */
const longest = 500;

/** Who answers what connections ask for, one question at a time. */
export class Person {
  readonly #turn = pLimit(1);

  constructor(private readonly ask: Ask | undefined) {}

  /** Whether there is somebody at all. */
  get isThere(): boolean {
    return this.ask !== undefined;
  }

  /** Asks on behalf of somebody: "web01: Verification code: ". Throws a ConnectError of reason "auth" where there is no answer. */
  answer(asker: string, text: string, isSecret: boolean): Promise<Secret> {
    const shown = printable(text).replaceAll(/\s+/g, " ").trim().slice(0, longest);
    return this.#turn(async () => {
      try {
        if (this.ask === undefined) throw new Error("nobody can be asked");
        return new Secret(await this.ask(`${asker}: ${shown} `, { isSecret }));
      } catch (cause) {
        throw new ConnectError("auth", `${asker} asks "${shown}", and gets no answer: ${messageOf(cause)}`, { cause });
      }
    });
  }
}
