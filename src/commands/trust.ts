import { resolve } from "node:path";
import { ConfigError } from "../core/error.ts";
import type { Endpoint } from "../remote/endpoint.ts";
import type { HostKey } from "../remote/host_key.ts";
import type { ReviewedKey } from "../remote/host_key_review.ts";
import { type KeyList, readKeyList } from "../remote/key_list.ts";
import type { KnownHostsFiles } from "../remote/known_hosts_files.ts";
import { createSshContext } from "../remote/ssh.ts";
import { trustTable } from "../report/trust_table.ts";
import { type Collected, collectKeys, shownKey } from "./collected_keys.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { openFleet } from "./fleet.ts";
import { localUser } from "./local_user.ts";
import { askToGoOn } from "./run_session.ts";
import { screenOf } from "./screen.ts";

/** The options of `trust`. */
export interface TrustOptions extends CommonOptions {
  readonly yes?: boolean;
  /** A list of keys or fingerprints from elsewhere: what it has is accepted unasked, and nothing else. */
  readonly from?: string;
}

type Reply = Extract<Collected, { readonly keys: unknown }>;

/** `kofleet trust PATTERN`: collects host keys, shows their fingerprints, asks once, and writes the new ones. A key that contradicts what is known is never accepted. */
export async function trust(pattern: string, options: TrustOptions, console: Console): Promise<number> {
  const list = options.from === undefined ? undefined : await readKeyList(resolve(console.cwd, options.from));
  const fleet = await openFleet(options, console);
  const context = createSshContext(localUser(console), console.ask);
  const targets = fleet.select(pattern).map((name) => fleet.reach(name).target);
  const remote = targets.filter(({ transport }) => transport !== "local");
  const collected = await collectKeys(remote, context, list, fleet.forks);
  const replies = collected.filter((one) => "keys" in one);
  show(collected, replies, options, console);
  await tellUnread(replies, context.knownHosts, console);
  const fresh = replies.flatMap(({ endpoint, keys }) => keys.filter(({ state }) => state === "new").map(({ key }) => ({ endpoint, key })));
  if (fresh.length > 0) {
    if (list === undefined && !(await askToGoOn(`Accept ${counted(fresh.length, "new host key")}`, options, console))) return 1;
    await Promise.all(fresh.map(({ endpoint, key }) => learn(endpoint, key, context.knownHosts)));
    console.error.write(`${counted(fresh.length, "host key")} added\n`);
    if (collected.some(isBehindUntrusted)) console.error.write("Hosts behind jump hosts that are trusted only now: run the same again.\n");
  }
  return exitCode(collected, replies, list);
}

function learn(endpoint: Endpoint, key: HostKey, known: KnownHostsFiles): Promise<void> {
  if (endpoint.knownHostsFiles.length > 0) return known.learn(endpoint, key);
  throw new ConfigError(`${endpoint.name} has no known_hosts file to keep its keys in: name one in \`known_hosts\``);
}

function show(collected: readonly Collected[], replies: readonly Reply[], options: TrustOptions, console: Console): void {
  const keys = replies.flatMap(({ endpoint, keys: reviewed }) => reviewed.map((key) => shownKey(endpoint, key)));
  const unreachable = collected.filter((one) => "unreachable" in one);
  if (options.json) {
    console.out.write(`${JSON.stringify({ keys, unreachable })}\n`);
    return;
  }
  if (keys.length > 0) console.out.write(`${trustTable(keys, screenOf(console.out, console, options))}\n`);
  for (const one of unreachable) console.error.write(`${one.host}: ${one.reason}: ${one.unreachable}\n`);
}

/** A line that can't be read may be one that was to revoke a key. */
async function tellUnread(replies: readonly Reply[], known: KnownHostsFiles, console: Console): Promise<void> {
  for (const file of new Set(replies.flatMap(({ endpoint }) => endpoint.knownHostsFiles)))
    for (const line of await known.unread(file)) console.error.write(`warning: ${file}:${line} can't be read, and is passed over\n`);
}

const isBehindUntrusted = (one: Collected): boolean => "unreachable" in one && one.reason === "host-key";

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const refused: ReadonlySet<ReviewedKey["state"]> = new Set(["changed", "revoked", "mismatch"]);
const trusted: ReadonlySet<ReviewedKey["state"]> = new Set(["known", "new"]);

/** With a list, a host that is left without any trusted key has failed too. */
function exitCode(collected: readonly Collected[], replies: readonly Reply[], list: KeyList | undefined): number {
  const isRefused = replies.some(({ keys }) => keys.some(({ state }) => refused.has(state)));
  const isLeftOut = list !== undefined && replies.some(({ keys }) => !keys.some(({ state }) => trusted.has(state)));
  if (isRefused || isLeftOut) return 2;
  return collected.length > replies.length ? 4 : 0;
}
