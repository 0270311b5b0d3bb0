import type { Socket } from "node:net";
import type { Client } from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import { algorithmsFor } from "./algorithms.ts";
import type { Authentication } from "./authentication.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HostKey } from "./host_key.ts";
import type { HostEntries } from "./host_verdict.ts";
import { createHostVerifier, type HostVerifier } from "./host_verifier.ts";
import { openSocket, socketError } from "./socket.ts";
import { startClient } from "./ssh_client.ts";

/** What one handshake needs. */
export interface Handshake {
  readonly endpoint: Endpoint;
  readonly authentication: Authentication;
  readonly entries: HostEntries;
}

/** A client that is logged in. */
export interface SshSession {
  readonly client: Client;
  readonly socket: Socket;
  /** A host key that was accepted unseen, to be kept. */
  readonly learned: HostKey | undefined;
}

/** One TCP connection, key exchange and login. Throws a ConnectError; of reason "lost" where the server hung up before it said anything of use. */
export async function shakeHands(handshake: Handshake, signal: AbortSignal): Promise<SshSession> {
  const { endpoint, entries } = handshake;
  const socket = await openSocket(endpoint.address, endpoint.port, signal);
  const verifier = createHostVerifier(endpoint, entries);
  const client = startLogin(handshake, socket, verifier);
  try {
    await untilReady(client, handshake, verifier);
    return { client, socket, learned: verifier.learned };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function startLogin({ endpoint, authentication, entries }: Handshake, stream: Socket, { verify }: HostVerifier): Client {
  const knownTypes = [...entries.named, ...entries.portless].map(({ key: { type } }) => type);
  const algorithms = algorithmsFor(new Set(knownTypes));
  return startClient({ stream, user: endpoint.user, methods: authentication.methods, algorithms, verify });
}

/** The listeners stay for the client's whole life: a reset in the middle of a command would end the process without them. */
function untilReady(client: Client, { endpoint, authentication }: Handshake, verifier: HostVerifier): Promise<void> {
  const place = `${endpoint.address}:${endpoint.port}`;
  const notes = [...authentication.notes];
  let hasKeys = false;
  return new Promise((resolve, reject) => {
    client.on("handshake", () => {
      hasKeys = true;
    });
    client.on("error", (error: Error & { readonly level?: string }) => {
      if (error.level === "agent") notes.push(`agent: ${error.message}`);
      else reject(verifier.refusal ?? handshakeError(error, endpoint, notes, hasKeys));
    });
    client.on("close", () => reject(hasKeys ? closedInLogin(place) : dropped(place)));
    client.on("ready", () => resolve());
  });
}

const dropped = (place: string) =>
  new ConnectError(
    "lost",
    `${place} hangs up before it says anything: it may have too many connections (MaxStartups), or ban this address`,
  );

const closedInLogin = (place: string) =>
  new ConnectError("protocol", `${place} hung up during the login: its log tells why (a locked user, a full disk)`);

function handshakeError(
  error: Error & { readonly level?: string },
  endpoint: Endpoint,
  notes: readonly string[],
  hasKeys: boolean,
): ConnectError {
  const place = `${endpoint.address}:${endpoint.port}`;
  if (error.level === "client-authentication" || (hasKeys && /authentication/i.test(error.message))) {
    const tried = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
    return new ConnectError("auth", `${place} refuses to log ${endpoint.user} in${tried}: check user, key and password`, { cause: error });
  }
  if (error.level === "client-socket") return hasKeys ? socketError(place, error) : dropped(place);
  if (error.message === "Connection lost before handshake") return dropped(place);
  return new ConnectError("protocol", `cannot agree with ${place} on how to speak: ${messageOf(error)}`, { cause: error });
}
