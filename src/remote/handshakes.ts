import pRetry from "p-retry";
import { ConnectError } from "../core/error.ts";
import { withDeadline } from "./deadline.ts";
import { isUnanswered } from "./lookup.ts";
import type { Patience } from "./patience.ts";

/** Until when a host must be logged in to, whatever the number of tries. */
export interface HandshakeDeadline {
  /** Address and port, for messages. */
  readonly place: string;
  /** What is looked up before anything else, where this machine does that. */
  readonly name?: string;
  /** Seconds. */
  readonly timeout: number;
  /** Knows of waits that don't count. */
  readonly patience?: Patience;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Logs in. A server that is asked by many at once drops some of them unheard (MaxStartups): those, reason "lost", are tried again.
 * The signal given to `shake` fires when it is called off. Throws a ConnectError.
 */
export function tryHandshakes<T>(
  shake: (signal: AbortSignal) => Promise<T>,
  { place, name, timeout, patience, signal }: HandshakeDeadline,
): Promise<T> {
  const stop = new AbortController();
  let last: Error | undefined;
  const attempts = pRetry(() => shake(stop.signal), {
    onFailedAttempt: ({ error }) => {
      last = error;
    },
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 100,
    maxTimeout: 2000,
    randomize: true,
    signal: stop.signal,
    shouldRetry: ({ error }) => error instanceof ConnectError && error.reason === "lost",
  });
  const expired = () => last ?? tooLate(place, name, timeout);
  return withDeadline(attempts, { timeout, signal, expired, ...(patience && { patience }) }, () => stop.abort());
}

function tooLate(place: string, name: string | undefined, timeout: number): ConnectError {
  const [reason, who] = name !== undefined && isUnanswered(name) ? (["dns", "the name server"] as const) : (["timeout", "it"] as const);
  return new ConnectError(reason, `cannot reach ${place}: ${who} does not answer within ${timeout} s`);
}
