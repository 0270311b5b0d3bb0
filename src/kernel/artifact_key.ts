import type { ArtifactKey } from "../core/artifact.ts";

const fields = [
  "distribution",
  "kernel",
  "kernelPackage",
  "architecture",
  "module",
  "version",
  "source",
] as const satisfies readonly (keyof ArtifactKey)[];

/** The fields in which two keys differ: none means that an artifact of the one fits the other. */
export const keyDifferences = (a: ArtifactKey, b: ArtifactKey): readonly (keyof ArtifactKey)[] =>
  fields.filter((field) => a[field] !== b[field]);

/** Whether an artifact of the one key fits where the other is wanted. */
export const sameKey = (a: ArtifactKey, b: ArtifactKey): boolean => keyDifferences(a, b).length === 0;
