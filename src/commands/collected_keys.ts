import pLimit from "p-limit";
import type { Target } from "../core/connection.ts";
import { ConnectError, type ConnectReason } from "../core/error.ts";
import type { Endpoint } from "../remote/endpoint.ts";
import { fingerprint } from "../remote/host_key.ts";
import { type ReviewedKey, reviewHostKeys } from "../remote/host_key_review.ts";
import { knownHostName } from "../remote/host_names.ts";
import { jumpEndpoint } from "../remote/jumps.ts";
import { type KeyList, keyTitle } from "../remote/key_list.ts";
import { placeOfLine, removalOf } from "../remote/known_hosts.ts";
import { hostKeysOf } from "../remote/ssh.ts";
import type { SshContext } from "../remote/ssh_context.ts";
import type { ShownKey } from "../report/trust_table.ts";

/** What came of asking one host for its keys. */
export type Collected = Shown | Unreachable;

interface Shown {
  readonly host: string;
  readonly endpoint: Endpoint;
  readonly keys: readonly ReviewedKey[];
}

interface Unreachable {
  readonly host: string;
  readonly reason: ConnectReason;
  readonly unreachable: string;
}

/** Asks targets for their keys, and the jump hosts before them, so many at a time; the keys are judged by known_hosts and by a list. */
export async function collectKeys(
  targets: readonly Target[],
  context: SshContext,
  list: KeyList | undefined,
  forks: number,
): Promise<readonly Collected[]> {
  const limit = pLimit(forks);
  const resolved = await Promise.all(targets.map((target) => unlessUnreachable(target.name, () => context.resolve(target))));
  const endpoints = resolved.filter((one) => "target" in one);
  const ask = (endpoint: Endpoint) => limit(() => unlessUnreachable(endpoint.name, () => askHost(endpoint, context, list)));
  const answers = await Promise.all([...(await jumpHostsBefore(endpoints, context)), ...endpoints].map(ask));
  return [...answers, ...resolved.filter((one) => "unreachable" in one)];
}

async function askHost(endpoint: Endpoint, context: SshContext, list: KeyList | undefined): Promise<Shown> {
  const shown = await hostKeysOf(endpoint, context);
  return { host: endpoint.name, endpoint, keys: reviewHostKeys(shown, await context.knownHosts.about(endpoint), list?.about(endpoint)) };
}

/** That a host can't be reached is an answer too. */
async function unlessUnreachable<T>(host: string, work: () => Promise<T>): Promise<T | Unreachable> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConnectError) return { host, reason: error.reason, unreachable: error.message };
    throw error;
  }
}

/** The jump hosts on the ways to hosts, each once, without those that are among the hosts themselves. */
async function jumpHostsBefore(endpoints: readonly Endpoint[], context: SshContext): Promise<readonly Endpoint[]> {
  const names = new Set(endpoints.map(knownHostName));
  const found: Endpoint[] = [];
  const follow = async ({ way }: Endpoint): Promise<void> => {
    if (way.kind !== "jump") return;
    const jumpHost = await jumpEndpoint(way, context.resolve);
    const name = knownHostName(jumpHost);
    if (names.has(name)) return;
    names.add(name);
    found.push(jumpHost);
    await follow(jumpHost);
  };
  // A way that can't be found is told when its host is asked.
  await Promise.allSettled(endpoints.map(follow));
  return found;
}

/** A key as the table shows it. */
export function shownKey(endpoint: Endpoint, { key, state, place }: ReviewedKey): ShownKey {
  const line = place && placeOfLine(place);
  return {
    host: endpoint.name,
    type: key.type,
    title: keyTitle(key.type),
    fingerprint: fingerprint(key),
    state,
    ...(line !== undefined && { place: line }),
    ...(place && (state === "changed" || state === "missing") && { removal: removalOf(place, endpoint) }),
  };
}
