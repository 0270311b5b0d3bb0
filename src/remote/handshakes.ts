import pRetry from "p-retry";
import { ConnectError } from "../core/error.ts";
import { withDeadline } from "./deadline.ts";

/** Until when a host must be logged in to, whatever the number of tries. */
export interface HandshakeDeadline {
  /** Address and port, for messages. */
  readonly place: string;
  /** Seconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Logs in. A server that is asked by many at once drops some of them unheard (MaxStartups): those, reason "lost", are tried again.
 * The signal given to `shake` fires when it is called off. Throws a ConnectError.
 */
export function tryHandshakes<T>(shake: (signal: AbortSignal) => Promise<T>, { place, timeout, signal }: HandshakeDeadline): Promise<T> {
  const stop = new AbortController();
  let last: Error | undefined;
  const attempts = pRetry(() => shake(stop.signal), {
    onFailedAttempt: ({ error }) => {
      last = error;
    },
    retries: 6,
    minTimeout: 100,
    randomize: true,
    signal: stop.signal,
    shouldRetry: ({ error }) => error instanceof ConnectError && error.reason === "lost",
  });
  const expired = () => last ?? new ConnectError("timeout", `cannot reach ${place}: it does not answer within ${timeout} s`);
  return withDeadline(attempts, { timeout, signal, expired }, () => stop.abort());
}
