import type { Become } from "../core/connection.ts";
import type { ConnectError } from "../core/error.ts";
import type { ElevationWatch } from "./elevation_watch.ts";

/**
 * The become passwords that one host was given in this process. One that was refused is never tried again, because a host may lock
 * the account; and of several commands at a time only the first tries a new one.
 */
export class PasswordTrials {
  readonly #trials = new Map<string, Promise<ConnectError | undefined>>();

  /** Opens what gives the password, once it may be given. Rejects with the error of an earlier refusal. */
  async admit<T>(become: Become, watch: ElevationWatch, open: () => Promise<T>): Promise<T> {
    const key = keyOf(become);
    const earlier = this.#trials.get(key);
    if (earlier === undefined) this.#trials.set(key, this.#verdict(key, watch));
    const refusal = await earlier;
    if (refusal) throw refusal;
    return open();
  }

  /** What ends without an answer proves nothing: the next one is the first again. */
  async #verdict(key: string, watch: ElevationWatch): Promise<ConnectError | undefined> {
    await watch.ready.catch(() => undefined === watch.refusedPassword && this.#trials.delete(key));
    return watch.refusedPassword;
  }
}

/** sudo and doas ask for the password of the login, su for that of the other user. */
const keyOf = ({ method, user, password }: Become): string => JSON.stringify([method, method === "su" ? user : "", password?.reveal()]);
