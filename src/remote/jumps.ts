import type { Target } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { Bastion } from "./bastion.ts";
import type { Endpoint } from "./endpoint.ts";
import type { SshSession } from "./ssh_handshake.ts";
import type { Jump } from "./way.ts";

/** Completes a target. */
type Resolve = (target: Target) => Promise<Endpoint>;

/** The bastions of a process, each made once. `logIn` opens the connection to one. */
export function bastionsBy(resolve: Resolve, logIn: (endpoint: Endpoint) => Promise<SshSession>): (jump: Jump) => Promise<Bastion> {
  const bastions = new Map<string, Promise<Bastion>>();
  return (jump) => {
    const key = keyOf(jump);
    const bastion = bastions.get(key) ?? createBastion(jump, resolve, logIn);
    bastions.set(key, bastion);
    return bastion;
  };
}

const keyOf = ({ host, identity }: Jump): string => JSON.stringify([host, identity?.path]);

async function createBastion(jump: Jump, resolve: Resolve, logIn: (endpoint: Endpoint) => Promise<SshSession>): Promise<Bastion> {
  const endpoint = await jumpEndpoint(jump, resolve);
  await refuseCircle(jump, resolve);
  return new Bastion(jump.host.name, () => logIn(endpoint).catch((error: unknown) => refuse(jump.host.name, error)));
}

/** Says which of the hops it was. */
function refuse(name: string, error: unknown): never {
  throw error instanceof ConnectError ? new ConnectError(error.reason, `the jump host ${name}: ${error.message}`, { cause: error }) : error;
}

/** A jump host, completed. The key of the host behind it opens the jump host as well, if none of its own does. */
export async function jumpEndpoint({ host, identity }: Jump, resolve: Resolve): Promise<Endpoint> {
  const endpoint = await resolve(host);
  if (identity === undefined) return endpoint;
  const { way, identityFiles } = endpoint;
  return { ...endpoint, identityFiles: [...identityFiles, identity], way: way.kind === "jump" ? { ...way, identity } : way };
}

/** Two hosts that each jump through the other would wait for each other for ever. */
async function refuseCircle(jump: Jump, resolve: Resolve): Promise<void> {
  const names: string[] = [];
  const seen = new Set<string>();
  for (let way: Endpoint["way"] = jump; way.kind === "jump"; way = (await jumpEndpoint(way, resolve)).way) {
    names.push(way.host.name);
    if (seen.has(keyOf(way)))
      throw new ConnectError("protocol", `the jump hosts lead in a circle: ${names.join(", ")}: give one of them none`);
    seen.add(keyOf(way));
  }
}
