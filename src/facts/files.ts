import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { lastLines } from "../core/printable.ts";
import { type FactRecord, readCount, readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** A user or group. The host tells number and name; what a step sets is known by one of them, or, where it sets none, by neither. */
export interface Account {
  readonly id?: number;
  /** Absent where the host has no name for the number. */
  readonly name?: string;
}

/** What has a place in the file system. Links are not followed. */
export interface PresentFile {
  readonly kind: "file" | "folder" | "link" | "other";
  /** Permission bits, set-user-id and the like included: 0o644. */
  readonly mode: number;
  readonly owner: Account;
  readonly group: Account;
  /** Bytes. */
  readonly size: number;
  /** Of a file's bytes; absent where they may not be read, and for all but files. */
  readonly sha256?: string;
  /** Of a link. */
  readonly target?: string;
}

/** A path on a host; absent also where a folder on the way is. */
export type FileState = { readonly kind: "absent" } | PresentFile;

const script = `${sayParts}
export LC_ALL=C
if found=$(stat -c '%f %u %g %s/%U/%G' -- "$1" 2>&1); then
  say stat "$found"
  if [ -L "$1" ]; then
    say target "$(readlink -- "$1")"
  elif [ -f "$1" ] && digest=$(sha256sum 2>/dev/null < "$1"); then
    say digest "\${digest%% *}"
  fi
else
  case $found in
    *'No such file or directory' | *'Not a directory') say absent yes ;;
    *) say problem "$found" ;;
  esac
fi
echo end
`;

/** A path's state; a FactError where the host's rights don't allow to look. */
export const fileState = (path: string): Fact<FileState> => ({
  name: `fileState ${path}`,
  command: ["sh", "-c", script, "sh", path],
  parse(answer) {
    const record = readRecord(answer, path);
    if (record.optional("absent") !== undefined) return { kind: "absent" };
    const problem = record.optional("problem");
    if (problem !== undefined) throw new FactError(`cannot look at ${path}: ${lastLines(problem, 1)}; become root, perhaps`);
    return present(record, path);
  },
});

/** `%U` and `%G` of stat where a number has no name. */
const noName = "UNKNOWN";

function present(record: FactRecord, path: string): PresentFile {
  const [, bits, uid, gid, size, user, group] = /^([0-9a-f]+) (\d+) (\d+) (\d+)\/([^/]+)\/([^/]+)$/.exec(record.one("stat")) ?? [];
  if (bits === undefined || uid === undefined || gid === undefined || size === undefined) {
    throw new FactError(`cannot read ${path}: stat printed "${record.one("stat")}"`);
  }
  const raw = Number.parseInt(bits, 16);
  const sha256 = record.optional("digest");
  const target = record.optional("target");
  return {
    kind: kinds.get(raw & 0xf000) ?? "other",
    mode: raw & 0o7777,
    owner: account(uid, user, path),
    group: account(gid, group, path),
    size: readCount(size, path),
    ...(sha256 !== undefined && { sha256 }),
    ...(target !== undefined && { target }),
  };
}

/** File types of stat(2). */
const kinds: ReadonlyMap<number, PresentFile["kind"]> = new Map([
  [0x8000, "file"],
  [0x4000, "folder"],
  [0xa000, "link"],
]);

const account = (id: string, name: string | undefined, path: string): Account => ({
  id: readCount(id, path),
  ...(name !== undefined && name !== noName && { name }),
});
