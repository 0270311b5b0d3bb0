import type { Duplex } from "node:stream";
import type { ServerHostKeyAlgorithm } from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import { hostKeyAlgorithms, hostKeyTypes, keyTypeOf } from "./algorithms.ts";
import { type HandshakeDeadline, tryHandshakes } from "./handshakes.ts";
import { type HostKey, hostKeyOf } from "./host_key.ts";
import { startClient } from "./ssh_client.ts";

/** A server to be asked for its keys; the deadline is that of each connection. */
export interface KeyServer extends HandshakeDeadline {
  /** Opens a way to the server, as a connection to it would. */
  open(signal: AbortSignal): Promise<Duplex>;
}

/**
 * The keys that a server shows and proves to hold, best type first; none is believed, and nobody logs in.
 * One after the other, since several starts at a time from one address may be dropped. Throws a ConnectError.
 */
export async function collectHostKeys(server: KeyServer): Promise<readonly HostKey[]> {
  const keys: HostKey[] = [];
  for (const type of hostKeyTypes) {
    const algorithms = hostKeyAlgorithms.filter((algorithm) => keyTypeOf(algorithm) === type);
    const key = await tryHandshakes((stop) => askForKey(server, algorithms, stop), server);
    if (key !== undefined) keys.push(key);
  }
  if (keys.length > 0) return keys;
  throw new ConnectError("protocol", `${server.place} shows no host key of a type that kofleet knows: is it an SSH server?`);
}

/** The connection ends with the key exchange; undefined where the server has no key of that type. */
async function askForKey(
  { place, open }: KeyServer,
  algorithms: readonly ServerHostKeyAlgorithm[],
  signal: AbortSignal,
): Promise<HostKey | undefined> {
  const stream = await open(signal);
  try {
    return await shownKey(stream, algorithms, place);
  } finally {
    stream.destroy();
  }
}

function shownKey(stream: Duplex, algorithms: readonly ServerHostKeyAlgorithm[], place: string): Promise<HostKey | undefined> {
  return new Promise((resolve, reject) => {
    let shown: HostKey | undefined;
    const verify = (blob: Buffer) => {
      shown = hostKeyOf(blob);
      return shown !== undefined;
    };
    const client = startClient({ stream, user: "kofleet", algorithms: { serverHostKey: [...algorithms] }, verify });
    client.on("handshake", () => {
      // Before the client asks for a login, which follows in this tick.
      stream.destroy();
      resolve(shown);
    });
    client.on("close", () => reject(dropped(place)));
    client.on("error", (error: Error) => (hasNoSuchKey(error) ? resolve(undefined) : reject(failure(place, error))));
  });
}

const hasNoSuchKey = (error: Error): boolean => error.message.includes("no matching host key format");

const dropped = (place: string): ConnectError => new ConnectError("lost", `${place} hangs up before it shows a host key`);

function failure(place: string, cause: Error): ConnectError {
  if (cause.message.includes("signature verification failed"))
    return new ConnectError("host-key", `${place} shows a host key that it does not hold: somebody may be in between`, { cause });
  if (cause.message === "Connection lost before handshake") return dropped(place);
  return new ConnectError("protocol", `cannot ask ${place} for its host keys: ${messageOf(cause)}`, { cause });
}
