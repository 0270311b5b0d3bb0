import { posix } from "node:path";
import { ProofError } from "../core/error.ts";
import type { TarFile } from "../core/tar.ts";
import { compressionOf, moduleFileName, type Packing, packingOf } from "../kernel/compression.ts";
import { readModule } from "../kernel/module_info.ts";
import { isSameModule, kernelName } from "../kernel/module_name.ts";
import { firstOf } from "../kernel/proof.ts";
import { largestModule, unpackModule } from "../kernel/unpack.ts";
import { digestOf } from "./digest.ts";
import { readProvenanceFile } from "./package.ts";
import { largestPackage, packFiles } from "./package_archive.ts";
import { formatProvenance } from "./provenance.ts";
import type { ArtifactParts } from "./put_artifact.ts";

/** A module from an archive that says nothing of where it comes from. */
export interface BareModule {
  /** As who asked for it spells it; else as its file does, where that is a spelling of the name that the module says. */
  readonly name: string;
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

/**
 * Finds the one module of a name in any archive, whatever else is in it, and its provenance where kofleet made the archive. The name is the one that is wanted,
 * or the provenance's; without either the archive must have no other module. Throws a ProofError where that can't be.
 */
export async function readVendorPackage(files: readonly TarFile[], wanted: string | undefined): Promise<ArtifactParts | BareModule> {
  const found = files.find(({ path }) => posix.basename(path) === "provenance.json");
  const origin = found && readProvenanceFile(found);
  const { file, module, name } = onlyModule(await modulesIn(files), wanted ?? origin?.provenance.module);
  if (origin) return { ...origin, module };
  const packing = packingOf(file.bytes);
  return {
    name: wanted ?? spellingOf(file.path, name),
    module,
    ...(packing && { packed: { [packing]: digestOf(file.bytes).sha256 } }),
  };
}

interface FoundModule {
  readonly file: TarFile;
  readonly module: Uint8Array;
  /** As the module says it. */
  readonly name: string;
}

/** Every module file among some files, unpacked: together to no more than a package may have. */
async function modulesIn(files: readonly TarFile[]): Promise<readonly FoundModule[]> {
  const found: FoundModule[] = [];
  let left = largestPackage;
  for (const file of files.filter(({ path }) => compressionOf(path) !== undefined)) {
    const one = await openModule(file, Math.min(left, largestModule));
    left -= one.module.length;
    found.push(one);
  }
  return found;
}

/** One that can't be read refuses all: nobody can tell whose it is. */
async function openModule(file: TarFile, limit: number): Promise<FoundModule> {
  try {
    const module = await unpackModule(file.bytes, limit);
    return { file, module, name: readModule(module).name };
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new ProofError(`${file.path}: ${cause.message}`, { cause });
  }
}

function onlyModule(found: readonly FoundModule[], name: string | undefined): FoundModule {
  const fitting = name === undefined ? found : found.filter((one) => isSameModule(one.name, name));
  const [one] = fitting;
  if (one !== undefined && fitting.length === 1) return one;
  const shown = fitting.length === 0 ? found : fitting;
  const has =
    firstOf(shown.map(({ file, name }) => `${file.path} is "${name}"`)) || "none of its files is a *.ko, .ko.xz, .ko.zst or .ko.gz";
  const called = name === undefined ? "" : ` "${kernelName(name)}"`;
  const hint = name === undefined && found.length > 0 ? "; -m MANIFEST says which" : "";
  throw new ProofError(`expected exactly one module${called} in it, not ${fitting.length}: ${has}${hint}`);
}

/** The module itself knows its name with underscores only. */
function spellingOf(path: string, name: string): string {
  const spelt = posix.basename(path).replace(/\.ko(?:\.\w+)?$/, "");
  return isSameModule(spelt, name) ? spelt : name;
}
