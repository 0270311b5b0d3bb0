import { posix } from "node:path";
import { z } from "zod";
import { manifestSchema } from "../config/manifest.ts";
import type { Fact } from "../core/fact.ts";
import { change, type Step } from "../core/step.ts";
import { defineTask } from "../core/task.ts";
import { type SourceTree, sourceFolder, sourceTree } from "../facts/source_tree.ts";
import { differingFiles, laidOutSource, surplusFiles, type WantedFile, type WantedSource } from "./laid_out_source.ts";

const withFile = (tree: SourceTree, { path, mode, sha256 }: WantedFile): SourceTree => ({
  ...tree,
  files: new Map([...tree.files, [path, { mode, sha256 }]]),
});

const withoutFile = (tree: SourceTree, path: string): SourceTree => ({
  ...tree,
  files: new Map([...tree.files].filter(([name]) => name !== path)),
});

function missingFolders({ files }: WantedSource, { folders }: SourceTree): readonly string[] {
  return [...new Set([".", ...files.map(({ path }) => posix.dirname(path))])].filter((path) => !folders.has(path));
}

const makeFolders = (folder: string, missing: readonly string[], fact: Fact<SourceTree>): Step => ({
  kind: "run",
  title: `make ${folder}`,
  argv: ["mkdir", "-p", "--", ...missing.map((path) => posix.join(folder, path))],
  changes: [change(fact, (tree) => ({ ...tree, folders: new Set([...tree.folders, ...missing]) }))],
  undo: { restore: missing.map((path) => posix.join(folder, path)) },
});

const writeFile = (folder: string, file: WantedFile, fact: Fact<SourceTree>): Step => ({
  kind: "write",
  path: posix.join(folder, file.path),
  sha256: file.sha256,
  mode: file.mode,
  changes: [change(fact, (tree) => withFile(tree, file))],
  undo: { restore: [posix.join(folder, file.path)] },
});

const removeFile = (folder: string, path: string, fact: Fact<SourceTree>): Step => ({
  kind: "remove",
  path: posix.join(folder, path),
  changes: [change(fact, (tree) => withoutFile(tree, path))],
  undo: { restore: [posix.join(folder, path)] },
});

/** Lays a module's source out in /usr/src/NAME-VERSION, exactly as its manifest says. */
export const dkmsSource = defineTask({
  name: "dkms_source",
  summary: "Lays a module's source out in /usr/src/NAME-VERSION, exactly as its manifest says.",
  args: z.strictObject({ manifest: manifestSchema }),
  facts: ({ manifest }) => ({ tree: sourceTree(sourceFolder(manifest.name, manifest.version)) }),
  inputs: ({ manifest }) => ({ source: laidOutSource(manifest) }),
  *plan({ manifest }, { tree }, { source }) {
    const folder = sourceFolder(manifest.name, manifest.version);
    const fact = sourceTree(folder);
    for (const path of surplusFiles(source, tree)) yield removeFile(folder, path, fact);
    const missing = missingFolders(source, tree);
    if (missing.length > 0) yield makeFolders(folder, missing, fact);
    for (const file of differingFiles(source, tree)) yield writeFile(folder, file, fact);
    return undefined;
  },
  result: (_, __, { source }) => ({ sha256: source.sha256 }),
});
