import { ConnectError, type ConnectReason } from "../core/error.ts";

/** How sshd, ssh, nc and the C library below them say why they reach nobody. */
const reasons: readonly (readonly [said: RegExp, reason: ConnectReason, advice: string])[] = [
  [/prohibited|not allowed|permission denied/i, "protocol", "it may not be used as a way to other hosts (AllowTcpForwarding, PermitOpen)"],
  [/refused/i, "refused", "nothing listens there: check the port, and whether sshd runs"],
  [/no route|unreachable/i, "refused", "check the routes there"],
  [/timed? ?out/i, "timeout", "the host does not answer"],
  [/not known|resolve|name or service|no address/i, "dns", "check the address, as it is called there"],
  [/not connected|no response|closed by|reset by|closed unexpectedly/i, "lost", "too many may have connected at once"],
];

/** A ConnectError for what lies between here and a host, by what it says itself; `what` is the start of the sentence. */
export function forwardError(what: string, said: string, cause?: unknown): ConnectError {
  const [, reason, advice] = reasons.find(([pattern]) => pattern.test(said)) ?? [undefined, "protocol" as const, "try it by hand"];
  return new ConnectError(reason, `${what}: ${said}: ${advice}`, { cause });
}
