import { createHash } from "node:crypto";
import { posix } from "node:path";
import { ConfigError } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { readArchive, readFolder, type SourceFile } from "./source_files.ts";

/** How a part of the source is laid out for DKMS. */
export interface SourceRule {
  /** A file or a folder of the source; "." is all of it. */
  readonly from: string;
  /** Where it goes under `/usr/src/NAME-VERSION`: a folder's contents into that folder; a file to that path, or into the folder where it is "." or ends in "/". */
  readonly to: string;
  /** What the version replaces in these files: "@MODULE_VERSION@". */
  readonly versionMark?: string;
}

/** Where a module's source is on the control machine. */
export interface ModuleSource {
  readonly kind: "folder" | "archive";
  /** Absolute. */
  readonly path: string;
  /** What the digest of the laid-out source must be; absent: not pinned. */
  readonly sha256?: string;
  readonly files: readonly SourceRule[];
}

/** A module's source as it will lie in `/usr/src/NAME-VERSION`, sorted by path, and the sha256 over paths, modes and contents. */
export interface LaidOutSource {
  readonly sha256: string;
  readonly files: readonly SourceFile[];
}

/** Reads a source and lays it out. Throws a ConfigError where a rule finds nothing, dkms.conf is missing, or the digest is not the pinned one. */
export async function layOutSource(source: ModuleSource, version: string): Promise<LaidOutSource> {
  const found = await (source.kind === "folder" ? readFolder(source.path) : readArchive(source.path));
  const placed = source.files.flatMap((rule) => applyRule(rule, found, version, source.path));
  const files = [...new Map(placed.map((file) => [file.path, file])).values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  if (!files.some(({ path }) => path === "dkms.conf"))
    throw new ConfigError(`${source.path}: the source has no dkms.conf once it is laid out`);
  const sha256 = digest(files);
  if (source.sha256 !== undefined && source.sha256 !== sha256)
    throw new ConfigError(`${source.path}: the source's sha256 is ${sha256}, but the manifest pins ${source.sha256}: look at what changed`);
  return { sha256, files };
}

function applyRule(rule: SourceRule, found: readonly SourceFile[], version: string, source: string): SourceFile[] {
  const from = posix.normalize(rule.from).replace(/\/$/, "");
  const chosen = found.flatMap((file): SourceFile[] => {
    const path = destination(file.path, from, rule.to);
    return path === undefined ? [] : [{ ...file, path }];
  });
  if (chosen.length === 0) throw new ConfigError(`${source} has no ${rule.from}${didYouMean(from, foldersAndFiles(found))}`);
  return rule.versionMark === undefined ? chosen : replaceVersion(chosen, rule.versionMark, version, source);
}

function destination(path: string, from: string, to: string): string | undefined {
  if (from === ".") return posix.join(to, path);
  if (path.startsWith(`${from}/`)) return posix.join(to, path.slice(from.length + 1));
  if (path !== from) return undefined;
  return to === "." || to.endsWith("/") ? posix.join(to, posix.basename(path)) : posix.normalize(to);
}

const foldersAndFiles = (files: readonly SourceFile[]): string[] => files.flatMap(({ path }) => [path, posix.dirname(path)]);

function replaceVersion(files: readonly SourceFile[], mark: string, version: string, source: string): SourceFile[] {
  const replaced = files.map((file) => {
    const text = Buffer.from(file.bytes).toString("utf8");
    return text.includes(mark) ? { ...file, bytes: Buffer.from(text.replaceAll(mark, () => version)) } : file;
  });
  if (replaced.every((file, index) => file === files[index]))
    throw new ConfigError(`${source}: ${files[0]?.path} does not contain the version mark ${mark}`);
  return replaced;
}

function digest(files: readonly SourceFile[]): string {
  const hash = createHash("sha256");
  for (const { path, mode, bytes } of files) hash.update(`${mode.toString(8)} ${bytes.length} ${path}\0`).update(bytes);
  return hash.digest("hex");
}
