import pLimit from "p-limit";
import { ConnectError, KofleetError } from "../core/error.ts";
import { type Endpoint, resolveEndpoint } from "../remote/endpoint.ts";
import { fingerprint, type HostKey, isSameKey } from "../remote/host_key.ts";
import { collectHostKeys } from "../remote/host_keys.ts";
import { entriesFor } from "../remote/host_verdict.ts";
import type { KnownHost } from "../remote/known_hosts.ts";
import { appendKnownHosts } from "../remote/known_hosts_append.ts";
import { KnownHostsFiles } from "../remote/known_hosts_files.ts";
import { type KeyState, type ShownKey, trustTable } from "../report/trust_table.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { openFleet } from "./fleet.ts";
import { localUser } from "./local_user.ts";
import { askToGoOn } from "./run_session.ts";
import { screenOf } from "./screen.ts";

/** The options of `trust`. */
export interface TrustOptions extends CommonOptions {
  readonly yes?: boolean;
}

interface Collected {
  readonly endpoint: Endpoint;
  readonly key: HostKey;
  readonly shown: ShownKey;
}

type Answered = { readonly host: string } & ({ readonly keys: readonly Collected[] } | { readonly unreachable: string });

/** `kofleet trust PATTERN`: collects host keys, shows their fingerprints, asks once, and writes the new ones. A changed key is never accepted. */
export async function trust(pattern: string, options: TrustOptions, console: Console): Promise<number> {
  const fleet = await openFleet(options, console);
  const limit = pLimit(fleet.forks);
  const known = new KnownHostsFiles();
  const targets = fleet
    .select(pattern)
    .map((name) => fleet.reach(name).target)
    .filter(({ transport }) => transport !== "local");
  const from = localUser(console);
  const answered = await Promise.all(targets.map((target) => limit(async () => collect(await resolveEndpoint(target, from), known))));
  const keys = answered.flatMap((one) => ("keys" in one ? one.keys : []));
  show(answered, keys, options, console);
  const fresh = keys.filter(({ shown }) => shown.state === "new");
  if (fresh.length > 0 && (await askToGoOn(`Accept ${fresh.length} new host keys`, options, console))) await accept(fresh, console);
  else if (fresh.length > 0) return 1;
  if (keys.some(({ shown }) => shown.state === "changed" || shown.state === "revoked")) return 2;
  return answered.some((one) => "unreachable" in one) ? 4 : 0;
}

async function collect(endpoint: Endpoint, known: KnownHostsFiles): Promise<Answered> {
  const { name: host, address, port, target } = endpoint;
  try {
    const keys = await collectHostKeys(address, port, target.connectTimeout);
    const entries = entriesFor(await known.entries(endpoint.knownHostsFiles), address, port).named;
    return {
      host,
      keys: keys.map((key) => ({
        endpoint,
        key,
        shown: { host, type: key.type, fingerprint: fingerprint(key), ...stateOf(key, entries) },
      })),
    };
  } catch (error) {
    if (error instanceof ConnectError) return { host, unreachable: `${error.reason}: ${error.message}` };
    throw error;
  }
}

/** A key of a type that is not known yet is new also where the host is known by another. */
function stateOf(key: HostKey, entries: readonly KnownHost[]): { readonly state: KeyState; readonly place?: string } {
  const same = entries.filter((entry) => isSameKey(entry.key, key));
  const revoked = same.find(({ marker }) => marker === "revoked");
  if (revoked) return { state: "revoked", place: placeOf(revoked) };
  if (same.length > 0) return { state: "known" };
  const other = entries.find((entry) => entry.marker === undefined && entry.key.type === key.type);
  return other ? { state: "changed", place: placeOf(other) } : { state: "new" };
}

const placeOf = ({ file, line }: KnownHost): string => `${file}:${line}`;

function show(answered: readonly Answered[], keys: readonly Collected[], options: TrustOptions, console: Console): void {
  const unreachable = answered.filter((one) => "unreachable" in one);
  if (options.json) {
    console.out.write(`${JSON.stringify({ keys: keys.map(({ shown }) => shown), unreachable })}\n`);
    return;
  }
  if (keys.length > 0)
    console.out.write(
      `${trustTable(
        keys.map(({ shown }) => shown),
        screenOf(console.out, console, options),
      )}\n`,
    );
  for (const one of unreachable) console.error.write(`${one.host}: ${one.unreachable}\n`);
}

/** Writes each key into the first known_hosts file of its host. */
async function accept(keys: readonly Collected[], console: Console): Promise<void> {
  const files = new Map<string | undefined, Collected[]>();
  for (const key of keys) files.set(key.endpoint.knownHostsFiles[0], [...(files.get(key.endpoint.knownHostsFiles[0]) ?? []), key]);
  for (const [file, entries] of files) {
    if (file === undefined) throw new KofleetError("no known_hosts file is named to write host keys to");
    await appendKnownHosts(
      file,
      entries.map(({ endpoint: { address, port }, key }) => ({ address, port, key })),
    );
    console.error.write(`${entries.length} host keys added to ${file}\n`);
  }
}
