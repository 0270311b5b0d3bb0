import { dirname, resolve } from "node:path";
import { z } from "zod";
import { ConfigError, messageOf, type Position } from "../core/error.ts";
import type { Family } from "../core/host.ts";
import { satisfiesKernel } from "../kernel/release.ts";
import { manifestFile } from "./manifest_file.ts";
import type { SecretSources } from "./secret_sources.ts";
import { readShape } from "./shape.ts";
import { type LaidOutSource, layOutSource, type ModuleSource } from "./source_layout.ts";
import { readYaml } from "./yaml.ts";
import { positionAt, type YamlNode } from "./yaml_node.ts";

/** A system the module is supported on. */
export interface SupportRow {
  /** `ID` of os-release. */
  readonly distribution: string;
  /** `VERSION_ID`s, "9" covering 9.4; none: all. */
  readonly versions: readonly string[];
  /** A range of kernel versions: ">=5.15 <=6.8". */
  readonly kernels: string;
  /** The version of the product that brought it. */
  readonly since?: string;
}

/** How the module's vendor packs and serves modules built elsewhere; the texts hold {{name}}, {{version}}, {{kernel}}, {{distribution}} and {{major}}. */
export interface VendorPackages {
  /** The name of a package. */
  readonly package: string;
  /** The folder on a host where the vendor's installer leaves what it built. */
  readonly results: string;
  /** The folder on the vendor's server from which other hosts get it. */
  readonly server: string;
}

/** What a manifest says of one kernel module. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** What `since` counts versions of. */
  readonly product?: string;
  readonly description: string;
  readonly source: ModuleSource;
  /** Empty: everywhere. */
  readonly supported: readonly SupportRow[];
  /** What building needs beside compiler, make, dkms and headers. */
  readonly packages: Readonly<Partial<Record<Family, readonly string[]>>>;
  readonly needs: readonly "system_map"[];
  /** Where its source looks for the symbol map of a kernel; the text holds {{kernel}}. */
  readonly systemMap: string;
  /** Symbols that it reaches by their distance from `kfree` in every kernel that has them. */
  readonly reaches: readonly string[];
  /** Whether each host that can build does so, or one for all. */
  readonly build: "each" | "once";
  readonly initramfs: boolean;
  readonly atBoot: boolean;
  /** What else it takes in the initramfs on hosts that have it: names there by paths on the host. */
  readonly bootFiles: Readonly<Record<string, string>>;
  readonly vendor?: VendorPackages;
  readonly position: Position;
  readonly file: string;
  /** The manifest's folder: the source's path began there. */
  readonly directory: string;
}

/** What a task takes as its manifest: one that was loaded, as a variable of the play. */
export const manifestSchema = z.custom<Manifest>(
  (value) =>
    z.object({ name: z.string(), version: z.string(), source: z.object({ path: z.string() }), directory: z.string() }).safeParse(value)
      .success,
  "expected a loaded manifest",
);

/** Where a module's source looks for the symbol map of a kernel. */
export const systemMapPath = ({ systemMap }: Pick<Manifest, "systemMap">, kernel: string): string =>
  systemMap.replace("{{kernel}}", kernel);

/** Whether a module is built against the kernel's symbol map. */
export const isMapNeeded = ({ needs }: Pick<Manifest, "needs">): boolean => needs.includes("system_map");

/** A manifest's source as it will lie on a host, and its sha256. Throws a ConfigError where it is not as the manifest says. */
export const sourceDigest = ({ source, version }: Manifest): Promise<LaidOutSource> => layOutSource(source, version);

/** Reads a manifest. Throws a ConfigError with its place. */
export async function loadManifest(path: string, secrets: SecretSources): Promise<Manifest> {
  return manifestOf(await readYaml(path, secrets), path);
}

/** Checks what a manifest's file says. */
export function manifestOf(root: YamlNode, file: string): Manifest {
  const { at_boot, boot_files, system_map, source, supported, product, vendor, ...rest } = readShape(manifestFile, root, "the manifest");
  const directory = dirname(resolve(file));
  supported.forEach(({ kernels }, index) => {
    checkRange(kernels, positionAt(root, ["supported", index, "kernels"]));
  });
  return {
    ...rest,
    source: sourceOf(source, directory),
    supported: supported.flatMap(rowsOf),
    atBoot: at_boot,
    bootFiles: boot_files,
    systemMap: system_map,
    ...(product !== undefined && { product }),
    ...(vendor !== undefined && { vendor }),
    position: root.position,
    file,
    directory,
  };
}

type Written = z.output<typeof manifestFile>;

function sourceOf({ folder, archive, sha256, files }: Written["source"], directory: string): ModuleSource {
  return {
    kind: archive === undefined ? "folder" : "archive",
    path: resolve(directory, archive ?? folder ?? "."),
    ...(sha256 !== undefined && { sha256 }),
    files: files.map(({ from, to, version_mark }) => ({ from, to, ...(version_mark !== undefined && { versionMark: version_mark }) })),
  };
}

const rowsOf = ({ distribution, since, ...row }: Written["supported"][number]): SupportRow[] =>
  [distribution].flat().map((name) => ({ distribution: name, ...row, ...(since !== undefined && { since }) }));

function checkRange(range: string, position: Position): void {
  try {
    satisfiesKernel("1.0", range);
  } catch (cause) {
    throw new ConfigError(messageOf(cause), position, { cause });
  }
}
