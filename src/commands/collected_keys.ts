import type { Target } from "../core/connection.ts";
import { ConnectError, type ConnectReason } from "../core/error.ts";
import type { Endpoint } from "../remote/endpoint.ts";
import { fingerprint } from "../remote/host_key.ts";
import { type ReviewedKey, reviewHostKeys } from "../remote/host_key_review.ts";
import { type KeyList, keyTitle } from "../remote/key_list.ts";
import { placeOfLine, removalOf } from "../remote/known_hosts.ts";
import { hostKeysOf } from "../remote/ssh.ts";
import type { SshContext } from "../remote/ssh_context.ts";
import type { ShownKey } from "../report/trust_table.ts";

/** What came of asking one host for its keys. */
export type Collected =
  | { readonly host: string; readonly endpoint: Endpoint; readonly keys: readonly ReviewedKey[] }
  | { readonly host: string; readonly reason: ConnectReason; readonly unreachable: string };

/** Asks a host for its keys, and judges them. That it can't be reached is an answer too. */
export async function collectKeys(target: Target, context: SshContext, list: KeyList | undefined): Promise<Collected> {
  const host = target.name;
  try {
    const endpoint = await context.resolve(target);
    const shown = await hostKeysOf(endpoint, context);
    return { host, endpoint, keys: reviewHostKeys(shown, await context.knownHosts.about(endpoint), list?.about(endpoint)) };
  } catch (error) {
    if (error instanceof ConnectError) return { host, reason: error.reason, unreachable: error.message };
    throw error;
  }
}

/** The jump hosts on the ways to targets, each once, without those that are targets themselves. */
export async function jumpHostsOf(targets: readonly Target[], context: SshContext): Promise<readonly Target[]> {
  const found = new Map<string, Target>();
  const follow = async (target: Target): Promise<void> => {
    const { way } = await context.resolve(target);
    if (way.kind !== "jump" || found.has(way.host.name)) return;
    found.set(way.host.name, way.host);
    await follow(way.host);
  };
  // A way that can't be found is told when its host is asked.
  await Promise.allSettled(targets.map(follow));
  const names = new Set(targets.map(({ name }) => name));
  return [...found.values()].filter(({ name }) => !names.has(name));
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
