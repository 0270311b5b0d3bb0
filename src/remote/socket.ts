import { once } from "node:events";
import { connect, type Socket } from "node:net";
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

/** A TCP connection without Nagle's delay. Errors after the connection are swallowed here, so that none goes unheard. */
export async function openSocket(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host: address, port, noDelay: true });
  const abort = () => socket.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await once(socket, "connect", { signal });
    return socket.on("error", () => undefined);
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    signal.throwIfAborted();
    throw socketError(`${address}:${port}`, error);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
