import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP proxy on loopback that hangs up on some connections before a byte was said, as sshd does when it is asked by too many at once. */
export interface DroppingProxy {
  readonly port: number;
  /** Connections that were asked for, and those of them that were dropped. */
  readonly counts: { readonly started: number; readonly dropped: number };
  close(): void;
}

/** Starts one before a port of loopback; each `every`th connection is dropped. */
export async function startDroppingProxy(behind: number, every: number): Promise<DroppingProxy> {
  const counts = { started: 0, dropped: 0 };
  const server = createServer((socket) => {
    counts.started += 1;
    if (counts.started % every !== 0) return pass(socket, behind);
    counts.dropped += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1", 1000);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, counts, close: () => server.close() };
}

function pass(socket: Socket, port: number): void {
  const other = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.setNoDelay(true);
  for (const [from, to] of [[socket, other] as const, [other, socket] as const]) {
    from.pipe(to);
    from.on("error", () => to.destroy());
  }
}
