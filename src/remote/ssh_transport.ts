import { once } from "node:events";
import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import { placeOf } from "./address.ts";
import type { Channel, ChannelListener, Transport } from "./channel.ts";
import { exitCode } from "./exit_code.ts";
import type { SshSession } from "./ssh_handshake.ts";

/** Milliseconds that a server has to close its side. */
const grace = 1000;

/** Runs commands over a client that is logged in. */
export function createSshTransport(
  { client, socket }: SshSession,
  { address, port, user }: { address: string; port: number; user: string },
): Transport {
  const place = placeOf(address, port);
  return {
    user,
    place,
    open: (command, listener) => open(client, socket, place, command, listener),
    close: () => close(client, socket),
  };
}

async function open(client: Client, socket: Duplex, place: string, command: string, listener: ChannelListener): Promise<Channel> {
  if (!socket.writable) throw new ConnectError("lost", `${place}: the connection is gone`);
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) reject(cannotOpen(place, socket, error));
      else resolve(adopt(channel, socket, listener));
    });
  });
}

function cannotOpen(place: string, socket: Duplex, cause: Error): ConnectError {
  if (!socket.writable) return new ConnectError("lost", `${place}: the connection was lost`, { cause });
  return new ConnectError("protocol", `${place} does not run a command: ${messageOf(cause)}`, { cause });
}

function adopt(channel: ClientChannel, socket: Duplex, { stdout, stderr }: ChannelListener): Channel {
  channel.on("data", stdout);
  channel.stderr.on("data", stderr);
  channel.on("error", () => undefined);
  const closed = untilClosed(channel);
  return {
    write: (bytes) => Promise.race([write(channel, socket, bytes), closed.then(() => undefined)]),
    kill: () => {
      channel.signal("TERM");
      channel.close();
    },
    release: () => channel.close(),
    closed,
  };
}

/** Both streams end on their own; what came before must be delivered first. */
async function untilClosed(channel: ClientChannel): Promise<number | undefined> {
  let code: number | undefined;
  channel.on("exit", (status: number | null, signal?: string) => {
    code = exitCode(status, signal);
  });
  await Promise.all([channel, channel.stderr].map((stream) => new Promise((resolve) => stream.once("close", resolve))));
  return code;
}

/** ssh2 takes whatever fits the server's window, 2 MB, and queues it encrypted: so wait for the socket, too. */
async function write(channel: ClientChannel, socket: Duplex, bytes: Uint8Array): Promise<void> {
  await new Promise((resolve) => channel.write(bytes, resolve));
  if (socket.writableNeedDrain) await once(socket, "drain").catch(() => undefined);
}

/** Says goodbye, and hangs up on a server that doesn't. */
async function close(client: Client, socket: Duplex): Promise<void> {
  if (socket.closed) return;
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const timer = setTimeout(() => socket.destroy(), grace);
  client.end();
  await closed;
  clearTimeout(timer);
}
