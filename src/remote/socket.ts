import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import { ConnectError, type ConnectReason, messageOf } from "../core/error.ts";

const reasons: Readonly<Record<string, readonly [reason: ConnectReason, problem: string]>> = {
  ENOTFOUND: ["dns", "the name is not known: check the host's address in the inventory"],
  EAI_AGAIN: ["dns", "the name server does not answer"],
  ECONNREFUSED: ["refused", "nothing listens there: check the port, and whether sshd runs"],
  EHOSTUNREACH: ["refused", "no route to the host"],
  ENETUNREACH: ["refused", "no route to its network"],
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

/** A TCP connection without Nagle's delay, destroyed when the signal fires. Errors that come later are swallowed: they end the socket. */
export async function openSocket(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = addAbortSignal(signal, connect({ host: address, port, noDelay: true }));
  try {
    await once(socket, "connect");
    return socket;
  } catch (error) {
    signal.throwIfAborted();
    throw socketError(`${address}:${port}`, error);
  } finally {
    socket.on("error", () => undefined);
  }
}
