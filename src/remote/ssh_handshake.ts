import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { ConnectError, messageOf } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import { placeOf } from "./address.ts";
import { algorithmsFor } from "./algorithms.ts";
import type { Authentication } from "./authentication.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HostKey } from "./host_key.ts";
import type { HostEntries } from "./host_verdict.ts";
import { createHostVerifier, type HostVerifier } from "./host_verifier.ts";
import { Login } from "./login.ts";
import type { Patience } from "./patience.ts";
import { startClient } from "./ssh_client.ts";

/** What one handshake needs. */
export interface Handshake {
  readonly endpoint: Endpoint;
  readonly authentication: Authentication;
  readonly entries: HostEntries;
  /** Told of each wait for a person. */
  readonly patience: Patience;
  /** Opens a stream to the host's sshd. */
  open(signal: AbortSignal): Promise<Duplex>;
}

/** A client that is logged in. */
export interface SshSession {
  readonly client: Client;
  readonly socket: Duplex;
  /** A host key that was accepted unseen, to be kept. */
  readonly learned: HostKey | undefined;
}

/** One way to the host, key exchange and login. Throws a ConnectError; of reason "lost" where the server hung up before it said anything of use. */
export async function shakeHands(handshake: Handshake, signal: AbortSignal): Promise<SshSession> {
  const { endpoint, entries, authentication, patience } = handshake;
  const socket = await handshake.open(signal);
  const verifier = createHostVerifier(endpoint, entries);
  const login = new Login(endpoint, authentication, patience);
  const client = startLogin(handshake, socket, verifier, login);
  try {
    await Promise.race([untilReady(client, endpoint, verifier, login, firstLine(socket)), login.refused]);
    return { client, socket, learned: verifier.learned };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function startLogin({ endpoint, entries }: Handshake, stream: Duplex, { verify }: HostVerifier, { next }: Login): Client {
  const knownTypes = [...entries.named, ...entries.portless].map(({ key: { type } }) => type);
  const algorithms = algorithmsFor(new Set(knownTypes));
  return startClient({ ...endpoint, stream, login: next, algorithms, verify });
}

/** The listeners stay for the client's whole life: a reset in the middle of a command would end the process without them. */
function untilReady(client: Client, endpoint: Endpoint, verifier: HostVerifier, login: Login, greeting: () => string): Promise<void> {
  const place = placeOf(endpoint.address, endpoint.port);
  let hasKeys = false;
  return new Promise((resolve, reject) => {
    client.on("handshake", () => {
      hasKeys = true;
    });
    client.on("error", (error: Error & { readonly level?: string }) => {
      if (error.level === "agent") login.note(error.message);
      else reject(verifier.refusal ?? handshakeError(error, place, hasKeys, greeting()));
    });
    client.on("close", () => reject(hasKeys ? closedInLogin(place) : dropped(place, greeting())));
    client.on("ready", () => resolve());
  });
}

/** What a stream begins with, up to the end of the line. */
function firstLine(stream: Duplex): () => string {
  let line = "";
  stream.once("data", (chunk: Buffer) => {
    line = printable(chunk.toString("latin1").split(/\r?\n/, 1)[0] ?? "").slice(0, 80);
  });
  return () => line;
}

/** Newer versions of sshd say why they hang up: "Exceeded MaxStartups", "Not allowed at this time". */
function dropped(place: string, greeting: string): ConnectError {
  if (!/^($|SSH-|Exceeded|Not allowed)/.test(greeting))
    return new ConnectError("protocol", `${place} is no SSH server: it says ${JSON.stringify(greeting)}: check the port`);
  return new ConnectError(
    "lost",
    `${place} hangs up before it says anything: it may have too many connections (MaxStartups), or ban this address`,
  );
}

const closedInLogin = (place: string) =>
  new ConnectError("protocol", `${place} hung up during the login: its log tells why (a locked user, a full disk)`);

function handshakeError(error: Error & { readonly level?: string }, place: string, hasKeys: boolean, greeting: string): ConnectError {
  if (error instanceof ConnectError) return error;
  if (hasKeys && /authentication/i.test(error.message))
    return new ConnectError("auth", `${place} ends the login: ${error.message}: it may take fewer tries (MaxAuthTries)`, { cause: error });
  if (error.level === "client-socket") return hasKeys ? closedInLogin(place) : dropped(place, greeting);
  if (error.message === "Connection lost before handshake") return dropped(place, greeting);
  return new ConnectError("protocol", `cannot agree with ${place} on how to speak: ${messageOf(error)}`, { cause: error });
}
