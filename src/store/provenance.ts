import { z } from "zod";
import { artifactName, type ImportedOrigin, type Origin, type Provenance } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import { keyPart } from "../kernel/key_part.ts";
import type { Digest } from "./digest.ts";
import { problemOf } from "./problem.ts";

/** The version of the schema that is written; all before it are read too. */
const current = 2;

/** Bytes; file systems take 255. */
const longestName = 255;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a sha256 has 64 hexadecimal digits");
const line = z.string().max(500);
const word = (form: RegExp) => keyPart.max(100).regex(form);

const keyShape = {
  distribution: word(/^[\w.+~-]+(?: [\w.+~-]+)*$/),
  kernel: word(/^\d[\w.+~-]*$/),
  kernelPackage: word(/^[!-.0-~]*$/),
  architecture: word(/^\w+$/),
  module: word(/^\w[\w-]*$/),
  version: word(/^[\w.+~:-]+$/),
  source: word(/^[\w-]+$/),
};
const fileShape = { ...keyShape, sha256, size: z.int().nonnegative(), vermagic: line, srcversion: line };

const imported: z.ZodType<ImportedOrigin> = z.strictObject({
  kind: z.literal("imported"),
  by: line,
  from: line,
  file: sha256,
  at: z.iso.datetime(),
});
const built = z.strictObject({
  kind: z.literal("built"),
  builder: line,
  compiler: line.exactOptional(),
  kernelCompiler: line.exactOptional(),
  make: line.exactOptional(),
  dkms: line.exactOptional(),
  flags: z.record(z.string().regex(/^[A-Z_]+$/), line).exactOptional(),
  symbolMap: sha256.exactOptional(),
  at: z.iso.datetime(),
  run: line,
});
const origin: z.ZodType<Origin> = z.union([built, imported]);

const second = z
  .strictObject({
    schema: z.literal(current),
    ...fileShape,
    unsigned: sha256.exactOptional(),
    packed: z.strictObject({ xz: sha256.exactOptional(), zst: sha256.exactOptional(), gz: sha256.exactOptional() }).exactOptional(),
    log: sha256.exactOptional(),
    origin,
  })
  .transform(({ schema: _, ...provenance }): Provenance => provenance);

/** The first schema has no version; it said "unknown" of what was not seen. */
const first = z
  .strictObject({ ...fileShape, builder: line, compiler: line, dkms: line, builtAt: z.iso.datetime(), run: line })
  .transform(({ builder, compiler, dkms, builtAt: at, run, ...file }): Provenance => {
    const seen = { ...(compiler !== "unknown" && { compiler }), ...(dkms !== "unknown" && { dkms }) };
    return { ...file, origin: { kind: "built", builder, ...seen, at, run } };
  });

const schemas: ReadonlyMap<number, z.ZodType<Provenance>> = new Map<number, z.ZodType<Provenance>>([
  [1, first],
  [current, second],
]);
const versioned = z.looseObject({ schema: z.int().default(1) });

function read(json: unknown): Provenance {
  const { schema } = versioned.parse(json);
  const found = schemas.get(schema);
  if (found === undefined) throw new Error(`it is of schema ${schema}, which this kofleet does not know: a newer one wrote it, perhaps`);
  const provenance = found.parse(json);
  if (artifactName(provenance).length > longestName) throw new Error("its key is too long for the name of a folder");
  return provenance;
}

/** Reads a provenance file's text; `path` is for the ProofError where it is not one, and so is what to do then. */
export function parseProvenance(text: string, path: string, remedy: string): Provenance {
  try {
    return read(JSON.parse(text));
  } catch (cause) {
    throw new ProofError(`${path} is not a provenance: ${problemOf(cause)}\n${remedy}`, { cause });
  }
}

/** A provenance as it is stored, for machines and for people who look. */
export const formatProvenance = (provenance: Provenance): string => `${JSON.stringify({ schema: current, ...provenance }, undefined, 2)}\n`;

/** Throws a ProofError that shows both values, where bytes are not those that a provenance speaks of. */
export function checkBytes(provenance: Pick<Provenance, "sha256" | "size">, found: Digest, what: string): void {
  if (found.sha256 === provenance.sha256 && found.size === provenance.size) return;
  throw new ProofError(
    `${what} is not what its provenance says: expected sha256 ${provenance.sha256} (${provenance.size} bytes), found ${found.sha256} (${found.size} bytes)`,
  );
}
