import { posix } from "node:path";
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

/** Reads an archive from anywhere: kofleet's own package, or a vendor's, which may say nothing of where its module comes from. Throws a ProofError. */
export async function readForeignPackage(bytes: Uint8Array): Promise<ArtifactParts | BareModule> {
  const files = await unpackFiles(bytes);
  return files.some(({ path }) => path === sumsFile) ? readPackage(files) : readVendorPackage(files);
}

/** The file's spelling of the module's name where it is one: the module itself knows it with underscores only. */
function nameOf(path: string, { name }: ModuleInfo): string {
  const spelt = posix.basename(path).replace(/\.ko(?:\.\w+)?$/, "");
  return isSameModule(spelt, name) ? spelt : name;
}

function versionOf({ version }: ModuleInfo): string {
  if (version !== undefined) return version;
  throw new ProofError("the module does not say its version (MODULE_VERSION): nothing could ask for it; build it with kofleet");
}

/** An artifact of a module that came without provenance: the module's own words, and what its user says of the rest. Throws a ProofError. */
export function importedParts({ path, module, packed }: BareModule, given: GivenKey, origin: ImportedOrigin): ArtifactParts {
  const info = readModule(module);
  const claimed: Provenance = {
    ...given,
    kernel: info.vermagic.split(" ")[0] ?? "",
    architecture: info.machine,
    module: nameOf(path, info),
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
