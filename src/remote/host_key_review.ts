import { hostKeyTypes } from "./algorithms.ts";
import { fingerprint, type HostKey, isSameKey } from "./host_key.ts";
import { type HostEntries, judgeHostKey } from "./host_verdict.ts";
import { keyTitle, type ListedKey } from "./key_list.ts";
import type { KnownHost } from "./known_hosts.ts";

/**
 * What is to be said of a key: `changed` contradicts known_hosts, `missing` is in known_hosts and no longer shown;
 * where a list of keys is given, `mismatch` contradicts that, and `unlisted` is not in it.
 */
export type KeyState = "known" | "new" | "changed" | "missing" | "revoked" | "mismatch" | "unlisted";

/** A key with its state; `place` is the line that decided it. */
export interface ReviewedKey {
  readonly key: HostKey;
  readonly state: KeyState;
  readonly place?: Pick<KnownHost, "file" | "line">;
}

/** Judges all keys that a host shows, by what known_hosts has about it, and by a list where one is given. Only those called `new` may be accepted. */
export function reviewHostKeys(shown: readonly HostKey[], entries: HostEntries, listed?: readonly ListedKey[]): readonly ReviewedKey[] {
  const reviewed = shown.map((key) => {
    const review = byKnownHosts(key, shown, entries);
    return listed === undefined ? review : byList(review, shown, listed);
  });
  return [...reviewed, ...missing(shown, entries)];
}

/** A host that shows none of the keys it is known by is another one, whatever type of key it shows. */
function byKnownHosts(key: HostKey, shown: readonly HostKey[], entries: HostEntries): ReviewedKey {
  const verdict = judgeHostKey(entries, key);
  switch (verdict.kind) {
    case "revoked":
      return { key, state: "revoked", place: verdict.entry };
    case "known":
      return { key, state: "known" };
    case "changed": {
      const hasKnown = shown.some((other) => judgeHostKey(entries, other).kind === "known");
      const isFurther = hasKnown && verdict.entry.key.type !== key.type;
      return isFurther ? { key, state: "new" } : { key, state: "changed", place: verdict.entry };
    }
    default:
      return { key, state: "new" };
  }
}

function byList(review: ReviewedKey, shown: readonly HostKey[], listed: readonly ListedKey[]): ReviewedKey {
  const { key, state } = review;
  const own = listed.filter((line) => line.fingerprint === fingerprint(key));
  const revoked = own.find(({ isRevoked }) => isRevoked);
  if (revoked) return { key, state: "revoked", place: revoked };
  if (own.length > 0 || state === "revoked") return review;
  const other = contradiction(key, shown, listed);
  if (other) return { key, state: "mismatch", place: other };
  return state === "new" ? { key, state: "unlisted" } : review;
}

/** A listed key that the host should show in place of this one: of its type, or of no type told while the host shows nothing that is listed. */
function contradiction(key: HostKey, shown: readonly HostKey[], listed: readonly ListedKey[]): ListedKey | undefined {
  const prints = new Set(shown.map(fingerprint));
  const good = listed.filter(({ isRevoked }) => !isRevoked);
  const isNoneShown = !good.some((line) => prints.has(line.fingerprint));
  return good
    .filter((line) => !prints.has(line.fingerprint))
    .find(({ title }) => (title === undefined ? isNoneShown : title === keyTitle(key.type)));
}

/** Keys of known_hosts of whose type the host shows none; of types that are never asked for nothing can be said. */
function missing(shown: readonly HostKey[], { named }: HostEntries): readonly ReviewedKey[] {
  const types = new Set(hostKeyTypes.filter((type) => !shown.some((key) => key.type === type)));
  const lines = named.filter(({ marker, key }) => marker === undefined && types.has(key.type));
  const first = lines.filter(({ key }, index) => lines.findIndex((line) => isSameKey(line.key, key)) === index);
  return first.map((line) => ({ key: line.key, state: "missing", place: line }));
}
