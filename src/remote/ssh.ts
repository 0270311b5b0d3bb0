import pLimit, { type LimitFunction } from "p-limit";
import pRetry from "p-retry";
import type { Target } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { authenticationOf, type KeyCache } from "./authentication.ts";
import type { Transport } from "./channel.ts";
import { withDeadline } from "./deadline.ts";
import { type Endpoint, type LocalUser, resolveEndpoint } from "./endpoint.ts";
import { entriesFor } from "./host_verdict.ts";
import { KnownHostsFiles } from "./known_hosts_files.ts";
import { type Handshake, type SshSession, shakeHands } from "./ssh_handshake.ts";
import { createSshTransport } from "./ssh_transport.ts";

/** What the connections of one process share. */
export interface SshContext {
  readonly from: LocalUser;
  readonly keys: KeyCache;
  readonly knownHosts: KnownHostsFiles;
  /** Each handshake costs the processor milliseconds: with too many at a time all of them are late. */
  readonly handshakes: LimitFunction;
}

const mostHandshakes = 48;

/** A context for one process. */
export const createSshContext = (from: LocalUser): SshContext => ({
  from,
  keys: new Map(),
  knownHosts: new KnownHostsFiles(),
  handshakes: pLimit(mostHandshakes),
});

/** Opens an SSH connection. Throws a ConnectError. */
export async function openSsh(target: Target, context: SshContext, signal?: AbortSignal): Promise<Transport> {
  const endpoint = await resolveEndpoint(target, context.from);
  const authentication = await authenticationOf(endpoint, context.keys);
  const entries = entriesFor(await context.knownHosts.entries(endpoint.knownHostsFiles), endpoint.address, endpoint.port);
  const session = await context.handshakes(() => tryHandshakes({ endpoint, authentication, entries }, signal));
  await learn(session, endpoint, context);
  return createSshTransport(session, endpoint);
}

async function learn(
  { learned: key }: SshSession,
  { address, port, knownHostsFiles }: Endpoint,
  { knownHosts }: SshContext,
): Promise<void> {
  const [file] = knownHostsFiles;
  if (key && file !== undefined) await knownHosts.learn(file, { address, port, key });
}

/** A server that is asked by many at once drops some of them unheard (MaxStartups): those are tried again. */
function tryHandshakes(handshake: Handshake, signal: AbortSignal | undefined): Promise<SshSession> {
  const stop = new AbortController();
  let last: Error | undefined;
  const attempts = pRetry(() => shakeHands(handshake, stop.signal), {
    onFailedAttempt: ({ error }) => {
      last = error;
    },
    retries: 6,
    minTimeout: 100,
    randomize: true,
    signal: stop.signal,
    shouldRetry: ({ error }) => error instanceof ConnectError && error.reason === "lost",
  });
  const { address, port, target } = handshake.endpoint;
  const timeout = target.connectTimeout;
  const expired = () => last ?? new ConnectError("timeout", `cannot reach ${address}:${port}: it does not answer within ${timeout} s`);
  return withDeadline(attempts, { timeout, signal, expired }, () => stop.abort());
}
