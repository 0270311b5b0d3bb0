import type { Duplex } from "node:stream";
import { placeOf } from "./address.ts";
import type { Endpoint } from "./endpoint.ts";
import { openSocket } from "./socket.ts";
import type { SshContext } from "./ssh_context.ts";

/** A stream to a host's sshd, by whatever way leads there; destroyed when the signal fires. Throws a ConnectError. */
export async function openStream({ way, address, port }: Endpoint, { bastion, proxies }: SshContext, signal: AbortSignal): Promise<Duplex> {
  switch (way.kind) {
    case "direct":
      return openSocket(address, port, signal, way.family);
    case "jump":
      return (await bastion(way)).connect({ address, port }, signal);
    case "command":
      return proxies.open(placeOf(address, port), way.command, signal);
    default:
      return way satisfies never;
  }
}
