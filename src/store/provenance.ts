import { z } from "zod";
import type { Provenance } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import type { Digest } from "./digest.ts";
import { problemOf } from "./problem.ts";

const schema: z.ZodType<Provenance> = z.strictObject({
  distribution: z.string(),
  kernel: z.string(),
  kernelPackage: z.string(),
  architecture: z.string(),
  module: z.string(),
  version: z.string(),
  source: z.string(),
  // Names a file in the store: nothing but hex may pass.
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
  vermagic: z.string(),
  srcversion: z.string(),
  builder: z.string(),
  compiler: z.string(),
  dkms: z.string(),
  builtAt: z.iso.datetime(),
  run: z.string(),
});

/** Reads a provenance file's text; `path` is for the ProofError where it is not one. */
export function parseProvenance(text: string, path: string): Provenance {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ProofError(`${path} is not a provenance: ${problemOf(cause)}\nremove that folder; the artifact will be built again`, {
      cause,
    });
  }
}

/** A provenance as it is stored, for machines and for people who look. */
export const formatProvenance = (provenance: Provenance): string => `${JSON.stringify(provenance, undefined, 2)}\n`;

/** Throws a ProofError that shows both values, where bytes are not those that a provenance speaks of. */
export function checkBytes(provenance: Provenance, found: Digest, what: string): void {
  if (found.sha256 === provenance.sha256 && found.size === provenance.size) return;
  throw new ProofError(
    `${what} is not what its provenance says: expected sha256 ${provenance.sha256} (${provenance.size} bytes), found ${found.sha256} (${found.size} bytes)`,
  );
}
