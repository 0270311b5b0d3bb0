import { hashName } from "./hashed_names.ts";
import type { HostKey } from "./host_key.ts";
import { knownHostName, type NamedHost } from "./host_names.ts";
import { judgeHostKey } from "./host_verdict.ts";
import { type KnownHost, placeOfLine } from "./known_hosts.ts";
import type { NameIndex } from "./name_index.ts";

/** A key to be remembered for a host. */
export interface NewKnownHost {
  readonly host: NamedHost;
  readonly key: HostKey;
}

/** What adding keys to a file comes to: its new lines, and why some keys must not be added. */
export interface Additions {
  readonly lines: readonly string[];
  readonly refusals: ReadonlyMap<NewKnownHost, string>;
}

/** Judges keys against the newest state of a file, and against each other: one that is known by now is not added again, one that is contradicted never. */
export function additionsTo(file: string, parts: readonly NameIndex<KnownHost>[], entries: readonly NewKnownHost[]): Additions {
  const isHashed = hasHashedNamesOnly(parts);
  const lines: string[] = [];
  const refusals = new Map<NewKnownHost, string>();
  const added = new Map<string, KnownHost[]>();
  for (const entry of entries) {
    const { key } = entry;
    const name = knownHostName(entry.host);
    const own = added.get(name) ?? [];
    const verdict = judgeHostKey({ named: [...parts.flatMap((part) => part.about(name)), ...own], portless: [] }, key);
    if (verdict.kind === "revoked" || (verdict.kind === "changed" && verdict.entry.key.type === key.type))
      refusals.set(entry, `by now ${placeOfLine(verdict.entry)} contradicts it`);
    else if (verdict.kind !== "known") {
      added.set(name, [...own, { names: { kind: "names", names: [name] }, key, file, line: lines.length + 1 }]);
      lines.push(`${isHashed ? hashName(name) : name} ${key.type} ${key.blob.toString("base64")}`);
    }
  }
  return { lines, refusals };
}

/** Where the owner of a file has names hashed, none in it can be read. */
function hasHashedNamesOnly(parts: readonly NameIndex<KnownHost>[]): boolean {
  const lines = parts.flatMap((part) => part.lines).filter(({ marker }) => marker === undefined);
  return lines.some(({ names }) => names.kind === "hashed") && !lines.some(({ names }) => names.kind === "names");
}
