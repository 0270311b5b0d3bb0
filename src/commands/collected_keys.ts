import { ConnectError } from "../core/error.ts";
import type { Endpoint } from "../remote/endpoint.ts";
import { fingerprint } from "../remote/host_key.ts";
import { type ReviewedKey, reviewHostKeys } from "../remote/host_key_review.ts";
import { collectHostKeys } from "../remote/host_keys.ts";
import { type KeyList, keyTitle } from "../remote/key_list.ts";
import { placeOfLine, removalOf } from "../remote/known_hosts.ts";
import type { KnownHostsFiles } from "../remote/known_hosts_files.ts";
import { openSocket } from "../remote/socket.ts";
import type { ShownKey } from "../report/trust_table.ts";

/** What came of asking one host for its keys. */
export type Collected =
  | { readonly host: string; readonly endpoint: Endpoint; readonly keys: readonly ReviewedKey[] }
  | { readonly host: string; readonly unreachable: string };

/** Asks a host for its keys, and judges them. Only a host that can't be reached is an answer; what else goes wrong is thrown. */
export async function collectKeys(endpoint: Endpoint, known: KnownHostsFiles, list: KeyList | undefined): Promise<Collected> {
  const { name: host, address, port, target } = endpoint;
  const open = (signal: AbortSignal) => openSocket(address, port, signal);
  try {
    const shown = await collectHostKeys({ place: `${address}:${port}`, timeout: target.connectTimeout, open });
    return { host, endpoint, keys: reviewHostKeys(shown, await known.about(endpoint), list?.about(endpoint)) };
  } catch (error) {
    if (error instanceof ConnectError) return { host, unreachable: `${error.reason}: ${error.message}` };
    throw error;
  }
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
