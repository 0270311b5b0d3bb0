import { posix } from "node:path";
import type { Manifest, VendorPackages } from "../config/manifest.ts";
import { compileText } from "../config/template.ts";
import type { ArtifactKey } from "../core/artifact.ts";
import { ConfigError } from "../core/error.ts";

/** Where the vendor's server keeps the package of one artifact. */
export interface VendorPlace {
  readonly folder: string;
  readonly path: string;
}

type Named = Pick<ArtifactKey, "module" | "version" | "kernel" | "distribution">;

function render(
  part: keyof VendorPackages,
  { vendor, file, position }: Manifest,
  { module, version, kernel, distribution }: Named,
): string {
  if (vendor === undefined)
    throw new ConfigError("the manifest has no vendor: it says what packages are called and where they belong", position);
  const [id = "", release = ""] = distribution.split(" ");
  const vars = { name: module, version, kernel, distribution: id, major: release.split(".")[0] };
  return String(compileText(vendor[part], file).render(vars));
}

function folderOf(part: "results" | "server", manifest: Manifest, named: Named): string {
  const folder = render(part, manifest, named);
  if (posix.isAbsolute(folder)) return posix.normalize(folder).replace(/(?<=.)\/$/, "");
  throw new ConfigError(`vendor.${part} must be an absolute path, not "${folder}"`, manifest.position);
}

/** The folder and the file on the vendor's server. Throws a ConfigError where the manifest does not say, or says no path. */
export function vendorPlace(manifest: Manifest, named: Named): VendorPlace {
  const name = render("package", manifest, named);
  if (name === "" || name.includes("/")) throw new ConfigError(`vendor.package must be a file's name, not "${name}"`, manifest.position);
  const folder = folderOf("server", manifest, named);
  return { folder, path: posix.join(folder, name) };
}

/** The folder on a host where the vendor's installer leaves what it built. Throws a ConfigError where the manifest does not say, or says no path. */
export const vendorResults = (manifest: Manifest, distribution: string): string =>
  folderOf("results", manifest, { module: manifest.name, version: manifest.version, kernel: "", distribution });

/** What a file's name makes it: a package of the manifest's module in its version, for whichever kernel; one in another version; or something else. */
export type PackageKind = "wanted" | "another version" | "foreign";

const marks = { kernel: "\0", version: "\u0001" } as const;

/** The names that packages of one version have; kernels begin with a digit, which tells those of `a` from those of `a-module`. */
function packageNames(version: string, manifest: Manifest, distribution: string): RegExp {
  const name = render("package", manifest, { module: manifest.name, version, kernel: marks.kernel, distribution });
  const text = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`^${text.replaceAll(marks.kernel, "\\d.*").replaceAll(marks.version, ".+")}$`);
}

/** What a file in the folder of the vendor's results is, by its name. */
export function packageKind(file: string, manifest: Manifest, distribution: string): PackageKind {
  if (packageNames(manifest.version, manifest, distribution).test(file)) return "wanted";
  return packageNames(marks.version, manifest, distribution).test(file) ? "another version" : "foreign";
}
