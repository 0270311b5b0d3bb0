import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { connect, type LookupFunction, type Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import { ConnectError, type ConnectReason, messageOf } from "../core/error.ts";
import { placeOf } from "./address.ts";
import { lookUp } from "./lookup.ts";

const reasons: Readonly<Record<string, readonly [reason: ConnectReason, problem: string]>> = {
  ENOTFOUND: ["dns", "the name is not known: check the host's address in the inventory"],
  EAI_AGAIN: ["dns", "the name server does not answer"],
  ECONNREFUSED: ["refused", "nothing listens there: check the port, and whether sshd runs"],
  EHOSTUNREACH: ["refused", "no route to the host"],
  ENETUNREACH: ["refused", "no route to its network"],
  EACCES: ["refused", "a route or a firewall of this machine forbids it"],
  EPERM: ["refused", "a firewall of this machine forbids it"],
  EINVAL: ["refused", "its route leads nowhere (blackhole)"],
  ETIMEDOUT: ["timeout", "the host does not answer"],
  ECONNRESET: ["lost", "the connection was reset"],
  EPIPE: ["lost", "the connection was closed"],
};

/** A ConnectError for whatever a socket failed with. */
export function socketError(place: string, cause: unknown): ConnectError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const [reason, problem] = reasons[code] ?? (["protocol", messageOf(cause)] as const);
  return new ConnectError(reason, `cannot reach ${place}: ${problem}`, { cause });
}

/** Milliseconds until a host's next address is tried beside a silent one: node's own 250 are less than some networks need for an answer. */
const nextAddress = 2000;

/** A TCP connection without Nagle's delay, destroyed when the signal fires. Errors that come later are swallowed: they end the socket. */
export async function openSocket(address: string, port: number, signal: AbortSignal, family: 0 | 4 | 6 = 0): Promise<Socket> {
  try {
    const addresses = await lookUp(address, signal);
    return await connectTo(ofFamily(addresses, family), port, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw socketError(placeOf(address, port), error);
  }
}

/** Where a family is wanted that the name has no address of, it is as if nobody knew the name. */
function ofFamily(addresses: readonly LookupAddress[], family: 0 | 4 | 6): readonly LookupAddress[] {
  const fitting = addresses.filter((one) => family === 0 || one.family === family);
  if (fitting.length === 0) throw Object.assign(new Error(`no IPv${family} address`), { code: "ENOTFOUND" });
  return fitting;
}

async function connectTo(addresses: readonly LookupAddress[], port: number, signal: AbortSignal): Promise<Socket> {
  const lookup: LookupFunction = (_name, _options, callback) => callback(null, [...addresses]);
  const several = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: nextAddress };
  const socket = addAbortSignal(signal, connect({ host: "looked up", port, lookup, noDelay: true, ...several }));
  try {
    await once(socket, "connect");
    return socket;
  } finally {
    socket.on("error", () => undefined);
  }
}
