import pLimit from "p-limit";
import type { Target } from "../core/connection.ts";
import { placeOf } from "./address.ts";
import { authenticationOf, createCredentials } from "./authentication.ts";
import type { Transport } from "./channel.ts";
import { type Endpoint, type LocalUser, resolveEndpoint } from "./endpoint.ts";
import { killedByGroup } from "./group_transport.ts";
import { tryHandshakes } from "./handshakes.ts";
import type { HostKey } from "./host_key.ts";
import { collectHostKeys } from "./host_keys.ts";
import { bastionsBy } from "./jumps.ts";
import { KnownHostsFiles } from "./known_hosts_files.ts";
import { Patience } from "./patience.ts";
import type { Ask } from "./person.ts";
import { ProxyCommands } from "./proxy_commands.ts";
import { SshConfig } from "./ssh_config.ts";
import type { SshContext } from "./ssh_context.ts";
import { type SshSession, shakeHands } from "./ssh_handshake.ts";
import { createSshTransport } from "./ssh_transport.ts";
import { openStream } from "./stream.ts";

const mostHandshakes = 48;

/** A context for one process; `ask` puts to the person what servers and locked keys ask for. */
export function createSshContext(from: LocalUser, ask?: Ask): SshContext {
  const config = new SshConfig(from);
  const resolve = async (target: Target) => resolveEndpoint(target, from, await config.optionsFor(target));
  const context: SshContext = {
    from,
    credentials: createCredentials(ask),
    knownHosts: new KnownHostsFiles(),
    handshakes: pLimit(mostHandshakes),
    proxies: new ProxyCommands(),
    resolve,
    // A bastion takes no turn of those that wait for it.
    bastion: bastionsBy(resolve, (endpoint) => logIn(endpoint, context, (start) => start())),
  };
  return context;
}

/** Opens an SSH connection. Throws a ConnectError. */
export async function openSsh(target: Target, context: SshContext, signal?: AbortSignal): Promise<Transport> {
  const endpoint = await context.resolve(target);
  const session = await logIn(endpoint, context, await turnsOf(endpoint, context), signal);
  const transport = createSshTransport(session, endpoint);
  return endpoint.user === "root" ? killedByGroup(transport) : transport;
}

/** The keys that a host shows to who comes on the way that its connections take. Throws a ConnectError. */
export async function hostKeysOf(endpoint: Endpoint, context: SshContext): Promise<readonly HostKey[]> {
  const turns = await turnsOf(endpoint, context);
  const open = (stop: AbortSignal) => openStream(endpoint, context, stop);
  return turns(() => collectHostKeys({ ...limitsOf(endpoint), open }));
}

/** Calls back when it is somebody's turn. */
type Turns = <T>(start: () => Promise<T>) => Promise<T>;

/** Behind a bastion, which is waited for first: its connection has a deadline of its own. */
async function turnsOf({ way }: Endpoint, { bastion, handshakes }: SshContext): Promise<Turns> {
  if (way.kind !== "jump") return handshakes;
  const { ready, starts } = await bastion(way);
  await ready();
  return (start) => starts(() => handshakes(start));
}

async function logIn(endpoint: Endpoint, context: SshContext, turns: Turns, signal?: AbortSignal): Promise<SshSession> {
  const authentication = await authenticationOf(endpoint, context.credentials);
  const entries = await context.knownHosts.about(endpoint);
  const patience = new Patience();
  const open = (stop: AbortSignal) => openStream(endpoint, context, stop);
  const shake = (stop: AbortSignal) => shakeHands({ endpoint, authentication, entries, patience, open }, stop);
  const session = await turns(() => tryHandshakes(shake, { ...limitsOf(endpoint), patience, signal }));
  await learn(session, endpoint, context);
  return session;
}

const limitsOf = ({ address, port, target, way }: Endpoint) => ({
  place: placeOf(address, port),
  ...(way.kind === "direct" && { name: address }),
  timeout: target.connectTimeout,
});

/** A host key that can't be kept would be met as a new one for ever: then there is no connection. */
async function learn({ learned: key, socket }: SshSession, endpoint: Endpoint, { knownHosts }: SshContext): Promise<void> {
  try {
    if (key) await knownHosts.learn(endpoint, key);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
