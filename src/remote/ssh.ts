import pLimit, { type LimitFunction } from "p-limit";
import type { Target } from "../core/connection.ts";
import { authenticationOf, type KeyCache } from "./authentication.ts";
import type { Transport } from "./channel.ts";
import { type Endpoint, type LocalUser, resolveEndpoint } from "./endpoint.ts";
import { tryHandshakes } from "./handshakes.ts";
import { entriesFor } from "./host_verdict.ts";
import { KnownHostsFiles } from "./known_hosts_files.ts";
import { type SshSession, shakeHands } from "./ssh_handshake.ts";
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
  const place = `${endpoint.address}:${endpoint.port}`;
  const shake = (stop: AbortSignal) => shakeHands({ endpoint, authentication, entries }, stop);
  const session = await context.handshakes(() =>
    tryHandshakes(shake, { place, name: endpoint.address, timeout: target.connectTimeout, signal }),
  );
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
