import type { ArtifactKey, ImportedOrigin, Provenance } from "../core/artifact.ts";
import { ProofError } from "../core/error.ts";
import { type ModuleInfo, readModule } from "../kernel/module_info.ts";
import { isSameModule } from "../kernel/module_name.ts";
import { digestOf } from "./digest.ts";
import { readPackage, sumsFile } from "./package.ts";
import { unpackFiles } from "./package_archive.ts";
import { formatProvenance, parseProvenance } from "./provenance.ts";
import type { ArtifactParts } from "./put_artifact.ts";
import { type BareModule, readVendorPackage } from "./vendor_package.ts";

/** The parts of a key that no module says of itself. */
export type GivenKey = Pick<ArtifactKey, "distribution" | "kernelPackage" | "source">;

/**
 * Reads an archive from anywhere: kofleet's own package, or a vendor's, which may say nothing of where its module comes from.
 * Throws a ProofError, also where `wanted` is the name of another module.
 */
export async function readForeignPackage(bytes: Uint8Array, wanted?: string): Promise<ArtifactParts | BareModule> {
  const files = await unpackFiles(bytes);
  if (!files.some(({ path }) => path === sumsFile)) return readVendorPackage(files, wanted);
  const parts = readPackage(files);
  const { module } = parts.provenance;
  if (wanted === undefined || isSameModule(module, wanted)) return parts;
  throw new ProofError(`it is a package of "${module}", not of "${wanted}"`);
}

function versionOf({ version }: ModuleInfo): string {
  if (version !== undefined) return version;
  throw new ProofError("the module does not say its version (MODULE_VERSION): nothing could ask for it; build it with kofleet");
}

/** An artifact of a module that came without provenance: the module's own words, and what its user says of the rest. Throws a ProofError. */
export function importedParts({ name, module, packed }: BareModule, given: GivenKey, origin: ImportedOrigin): ArtifactParts {
  const info = readModule(module);
  const claimed: Provenance = {
    ...given,
    kernel: info.vermagic.split(" ")[0] ?? "",
    architecture: info.machine,
    module: name,
    version: versionOf(info),
    ...digestOf(module),
    ...(packed && { packed }),
    vermagic: info.vermagic,
    srcversion: info.srcversion ?? "",
    origin,
  };
  const text = formatProvenance(claimed);
  return { module, text, provenance: parseProvenance(text, "what the module and its user say", "correct what was given") };
}
