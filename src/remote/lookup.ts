import type { LookupAddress } from "node:dns";
import { isIP } from "node:net";
import { NameProcess } from "./name_process.ts";

/** As `dns.lookup` has its threads, once for all that this process asks. */
const names = new NameProcess();

/** The addresses of a name, in the order in which the system wants them tried; none, with a code such as "ENOTFOUND", is an error of node's kind. */
export async function lookUp(name: string, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  const family = isIP(name);
  if (family !== 0) return [{ address: name, family }];
  const { addresses, code } = await untilAborted(names.ask(name), signal);
  if (addresses.length > 0) return addresses;
  throw Object.assign(new Error(`${name}: ${code}`), { code });
}

/** Whether a name was asked for and nobody answered yet. */
export const isUnanswered = (name: string): boolean => names.isWaiting(name);

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", abort));
}
