import { setMaxListeners } from "node:events";
import { ConnectError } from "../core/error.ts";
import type { Patience } from "./patience.ts";

/** Until when something must be done, and who may call it off. */
export interface Deadline {
  /** Seconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
  /** Knows of waits that don't count. */
  readonly patience?: Patience;
  /** The error for when it takes too long. */
  expired(): Error;
}

/** The error for a command that takes too long; its process group was sent a TERM. */
export const tooLong = (place: string, timeout: number): ConnectError =>
  new ConnectError("timeout", `${place}: a command did not end within ${timeout} s, and was told to`);

/** Node's timers fire at once above this many milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** Waits for work, at most until its deadline: then, and where the work fails, `cancel` runs before the error is thrown. */
export async function withDeadline<T>(work: Promise<T>, { timeout, signal, patience, expired }: Deadline, cancel: () => void): Promise<T> {
  const { promise: stopped, reject } = withReject();
  const abort = () => reject(signal?.reason);
  let timer: NodeJS.Timeout | undefined;
  const wait = (milliseconds: number) => {
    timer = setTimeout(
      () => {
        const more = patience?.take() ?? 0;
        if (more > 0) wait(more);
        else reject(expired());
      },
      Math.min(milliseconds, longestTimer),
    );
  };
  wait(timeout * 1000);
  if (signal) setMaxListeners(0, signal); // all hosts listen to one, and node takes eleven for a leak
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return await Promise.race([work, stopped]);
  } catch (error) {
    cancel();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

function withReject(): { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}
