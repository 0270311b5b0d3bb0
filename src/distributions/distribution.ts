import type { Answer, Argv } from "../core/answer.ts";
import type { Family, Host } from "../core/host.ts";
import type { BootEvidence } from "./next_kernel.ts";

/** A command of the package manager, with the environment it needs. */
export interface PackageCommand {
  readonly argv: Argv;
  readonly env: Readonly<Record<string, string>>;
}

/** The package that owns a kernel's vmlinuz. */
export interface KernelOwner {
  readonly package: string;
  readonly version: string;
}

/** What makes the initramfs hold a module: one line in a shared file, or a file of kofleet's own. */
export type InitramfsEmbedding =
  | { readonly kind: "line"; readonly path: string; readonly line: string }
  | { readonly kind: "file"; readonly path: string; readonly content: string };

/** Where a distribution keeps the real symbol map of a kernel. */
export interface SymbolMapPackage {
  /** What the package manager is told: a name, with the version where that is not in it. */
  readonly package: string;
  /** A constant script that downloads a package into the empty folder where it is run, and prints the map out of it. */
  readonly script: string;
  readonly args: readonly string[];
}

/** What differs between families of distributions. Pure: commands and readings, nothing is run. */
export interface Distribution {
  readonly family: Family;
  /** The package with the headers of exactly this kernel release. */
  headersPackage(kernel: string): string;
  /** The package, of exactly that version, that has a kernel's real symbol map, and the command that prints the map out of the package's file. */
  symbolMapPackage(host: Host, kernel: string, version: string): SymbolMapPackage;
  /** dkms itself, and what keeps headers coming with later kernels where dkms asks for that. */
  dkmsPackages(): readonly string[];
  /** Compiler and make; `kernelCompiler` is the kernel's CONFIG_CC_VERSION_TEXT. */
  compilerPackages(kernelCompiler?: string): readonly string[];
  /** Refuses what would install or change a kernel that is not named. */
  installPackages(packages: readonly string[]): PackageCommand;
  removePackages(packages: readonly string[]): PackageCommand;
  /** Fetches the package lists. */
  refreshPackages(): PackageCommand;
  packageVersionsQuery(packages: readonly string[]): Argv;
  /** Installed versions by the names that were asked for; what is not fully installed is not in it. */
  parsePackageVersions(answer: Answer): ReadonlyMap<string, string>;
  /** Asks for the metapackages that bring kernel images; read its answer with `parsePackageVersions`. */
  imageMetapackagesQuery(): Argv;
  /** What to install so that later kernels come with their headers: header metapackages of the same flavour and version as the installed image metapackages. */
  headersForGood(imageMetapackages: ReadonlyMap<string, string>): readonly string[];
  /** Where modules of third parties are installed for this kernel. */
  moduleInstallFolder(host: Host, kernel: string): string;
  initramfsImage(kernel: string): string;
  /** Rebuilds the image of this kernel, or makes its first; throws a FactError for what is no kernel release, since the tools then take another kernel. */
  updateInitramfs(kernel: string, hasImage?: boolean): Argv;
  initramfsEmbedFile(module: string): InitramfsEmbedding;
  /** Orders package versions: negative, zero or positive. */
  compareVersions(a: string, b: string): number;
  kernelOwnerQuery(kernel: string): Argv;
  /** Undefined: no package owns that kernel. */
  parseKernelOwner(answer: Answer): KernelOwner | undefined;
  /** The kernel that the next boot brings; undefined where the evidence is not conclusive. */
  nextKernel(evidence: BootEvidence): string | undefined;
}
