import { type Manifest, sourceDigest } from "../config/manifest.ts";
import type { Input } from "../core/input.ts";
import type { SourceTree } from "../facts/source_tree.ts";

/** A file of the source as it must lie on a host. */
export interface WantedFile {
  readonly path: string;
  readonly mode: number;
  readonly sha256: string;
}

/** A module's source as it must lie on a host; its bytes are among the run's contents. */
export interface WantedSource {
  readonly sha256: string;
  readonly files: readonly WantedFile[];
}

/** The source of a manifest, laid out. */
export const laidOutSource = (manifest: Manifest): Input<WantedSource> => ({
  name: `laidOutSource ${manifest.file}`,
  async read({ contents }) {
    const { sha256, files } = await sourceDigest(manifest);
    return { sha256, files: files.map(({ path, mode, bytes }) => ({ path, mode, sha256: contents.add(bytes) })) };
  },
});

/** The files that a host lacks, or has otherwise. */
export const differingFiles = (source: WantedSource, tree: SourceTree): readonly WantedFile[] =>
  source.files.filter(({ path, mode, sha256 }) => {
    const found = tree.files.get(path);
    return found?.sha256 !== sha256 || found.mode !== mode;
  });

/** The paths of files that a host has, and the source has not. */
export function surplusFiles(source: WantedSource, tree: SourceTree): readonly string[] {
  const wanted = new Set(source.files.map(({ path }) => path));
  return [...tree.files.keys()].filter((path) => !wanted.has(path));
}

/** Whether a host has exactly this source. */
export const isLaidOut = (source: WantedSource, tree: SourceTree): boolean =>
  differingFiles(source, tree).length === 0 && surplusFiles(source, tree).length === 0;
