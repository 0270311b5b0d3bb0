import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** A file of a source tree; what is neither file nor folder has no sha256. */
export interface SourceTreeFile {
  readonly sha256: string | undefined;
  /** Permission bits. */
  readonly mode: number;
}

/** What lies in a folder, by paths relative to it; folders themselves are not in it. */
export interface SourceTree {
  readonly files: ReadonlyMap<string, SourceTreeFile>;
  /** Paths of its folders relative to it; the folder itself, if it is there, is ".". */
  readonly folders: ReadonlySet<string>;
}

const script = `${sayParts}
if cd "$1" 2>/dev/null; then
  find . -type d | every folder
  find . ! -type d -exec stat -c 'entry %a %n' {} +
  find . -type f -exec sha256sum {} + | every digest
fi
echo end
`;

/** Where the source of a module lies on a host. */
export const sourceFolder = (module: string, version: string): string => `/usr/src/${module}-${version}`;

/** The source tree in a folder; empty where there is none. */
export const sourceTree = (folder: string): Fact<SourceTree> => ({
  name: `sourceTree ${folder}`,
  command: ["sh", "-c", script, "sh", folder],
  parse(answer) {
    const record = readRecord(answer, folder);
    const digests = new Map(record.all("digest").map((line) => readDigest(line, folder)));
    const entries = record.all("entry").map((line) => readEntry(line, folder));
    return {
      files: new Map(entries.map(([path, mode]) => [path, { sha256: digests.get(path), mode }])),
      folders: new Set(record.all("folder").map((path) => relative(path, folder))),
    };
  },
});

function relative(path: string, folder: string): string {
  if (path === ".") return path;
  if (!path.startsWith("./")) throw new FactError(`cannot read ${folder}: "${path}" is no path in it`);
  return path.slice(2);
}

function readDigest(line: string, folder: string): readonly [path: string, sha256: string] {
  const [, sha256, path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
  if (sha256 === undefined || path === undefined) throw new FactError(`cannot read ${folder}: sha256sum printed "${line}"`);
  return [relative(path, folder), sha256];
}

function readEntry(line: string, folder: string): readonly [path: string, mode: number] {
  const [, mode, path] = /^([0-7]{1,4}) (.+)$/.exec(line) ?? [];
  if (mode === undefined || path === undefined) throw new FactError(`cannot read ${folder}: stat printed "${line}"`);
  return [relative(path, folder), Number.parseInt(mode, 8)];
}
