import { z } from "zod";
import { type ArtifactKey, unknownSource } from "../core/artifact.ts";
import { keyPart } from "../kernel/key_part.ts";

/** A kernel module's name: no path, no pattern, nothing that a program could take for an option. */
export const moduleName = z.string().regex(/^\w[\w-]*$/, "expected a kernel module's name, such as dattobd");

/** A kernel release, as `uname -r` prints it. */
export const kernelRelease = z.string().regex(/^\d[\w.+~-]*$/, "expected a kernel release, such as 6.8.0-62-generic");

/** The kernels that a host is served for: the running one and the one that boots next, say. */
export const kernelReleases = z.array(kernelRelease).min(1);

/** What identifies an artifact. */
export const artifactKey: z.ZodType<ArtifactKey> = z.strictObject({
  distribution: keyPart,
  kernel: kernelRelease,
  kernelPackage: keyPart,
  architecture: keyPart,
  module: moduleName,
  version: keyPart,
  source: z.union([z.string().regex(/^[0-9a-f]{64}$/, "expected the sha256 of a source"), z.literal(unknownSource)]),
});

/** A program with variables in its environment, as one argv. */
export const withEnvironment = (env: Readonly<Record<string, string>>, argv: readonly string[]): readonly [string, ...string[]] => [
  "env",
  ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
  ...argv,
];
