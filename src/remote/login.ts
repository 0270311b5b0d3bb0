import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import { placeOf } from "./address.ts";
import type { Authentication } from "./authentication.ts";
import type { Endpoint } from "./endpoint.ts";
import { type LoginWay, loginWays } from "./login_ways.ts";
import type { Patience } from "./patience.ts";

/** One login to one server: each way is tried once, and only what the server takes, as far as it says. */
export class Login {
  readonly #notes: string[];
  readonly #ways: LoginWay[];
  #isKeyTaken = false;
  #refuse: (error: unknown) => void = () => undefined;
  /** Rejects with a ConnectError of reason "auth" once no way is left, or a question has no answer. */
  readonly refused = new Promise<never>((_, reject) => {
    this.#refuse = reject;
  });

  constructor(
    private readonly endpoint: Endpoint,
    authentication: Authentication,
    patience: Patience,
  ) {
    this.refused.catch(() => undefined);
    this.#notes = [...authentication.notes];
    const onKeyTaken = () => {
      this.#isKeyTaken = true;
    };
    this.#ways = loginWays({ endpoint, authentication, patience, onKeyTaken, fail: this.#refuse });
  }

  /** Why a way was of no use: told if none is. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** Hands ssh2 one way after the other. */
  readonly next: AuthHandlerMiddleware = (left, _partial, go) => void this.#next(left, go);

  /** ssh2 says null for what is left where the server has not said anything yet. */
  async #next(left: readonly AuthenticationType[] | null, go: (method: AnyAuthMethod) => void): Promise<void> {
    for (let way = this.#take(left); way !== undefined; way = this.#take(left)) {
      try {
        return go(await way.open());
      } catch (error) {
        this.note(messageOf(error));
      }
    }
    this.#refuse(refusal(this.endpoint, this.#notes));
  }

  /** A server that took a key and lets nobody in wants something else as well. */
  #take(left: readonly AuthenticationType[] | null): LoginWay | undefined {
    const isOpen = ({ type }: LoginWay) => left === null || left.includes(type);
    const other = this.#isKeyTaken ? this.#ways.findIndex((way) => way.type !== "publickey" && isOpen(way)) : -1;
    const index = other === -1 ? this.#ways.findIndex(isOpen) : other;
    return index === -1 ? undefined : this.#ways.splice(index, 1)[0];
  }
}

function refusal({ address, port, user }: Endpoint, notes: readonly string[]): ConnectError {
  const tried = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return new ConnectError("auth", `${placeOf(address, port)} refuses to log ${user} in${tried}: check user, key and password`);
}
