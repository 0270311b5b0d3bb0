import { posix } from "node:path";
import { ProofError } from "../core/error.ts";
import type { TarFile } from "../core/tar.ts";
import { compressionOf, moduleFileName, type Packing, packingOf } from "../kernel/compression.ts";
import { unpackModule } from "../kernel/unpack.ts";
import { digestOf } from "./digest.ts";
import { readProvenanceFile } from "./package.ts";
import { packFiles } from "./package_archive.ts";
import { formatProvenance } from "./provenance.ts";
import type { ArtifactParts } from "./put_artifact.ts";

/** A module from an archive that says nothing of where it comes from. */
export interface BareModule {
  /** The path in the archive. */
  readonly path: string;
  /** Uncompressed. */
  readonly module: Uint8Array;
  /** The compression it came in, and the sha256 of the file as it came. */
  readonly packed?: { readonly [P in Packing]?: string };
}

/** An artifact as a package of its module's vendor. The vendor documents only the name of such packages; what is in it is kofleet's own definition. */
export const packForVendor = ({ provenance, module }: Pick<ArtifactParts, "provenance" | "module">): Uint8Array =>
  packFiles([
    { path: moduleFileName(provenance.module, "none"), bytes: module },
    { path: "provenance.json", bytes: Buffer.from(formatProvenance(provenance)) },
  ]);

/** Finds the module in any archive that has exactly one, and its provenance where kofleet made the archive. Throws a ProofError where that can't be. */
export async function readVendorPackage(files: readonly TarFile[]): Promise<ArtifactParts | BareModule> {
  const modules = files.filter(({ path }) => compressionOf(path) !== undefined);
  const [file] = modules;
  if (file === undefined || modules.length > 1) {
    throw new ProofError(`it has ${modules.length} module files (*.ko, *.ko.xz, *.ko.zst, *.ko.gz): expected exactly one`);
  }
  const module = await unpackModule(file.bytes);
  const provenance = files.find(({ path }) => posix.basename(path) === "provenance.json");
  if (provenance) return { ...readProvenanceFile(provenance), module };
  const packing = packingOf(file.bytes);
  return { path: file.path, module, ...(packing && { packed: { [packing]: digestOf(file.bytes).sha256 } }) };
}
