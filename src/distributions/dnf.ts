import type { Answer } from "../core/answer.ts";
import { FactError } from "../core/error.ts";
import type { PackageCommand } from "./distribution.ts";

/** installonly_limit=0: an installed kernel-devel must not push the oldest kernel out. */
const flags = ["--setopt=installonly_limit=0", "--setopt=install_weak_deps=False"] as const;

const dnf = (...words: readonly string[]): PackageCommand => ({ argv: ["dnf", ...flags, ...words], env: {} });

/** Installs packages in one transaction. */
export const dnfInstall = (packages: readonly string[]): PackageCommand => dnf("--assumeyes", "install", ...packages);

/** Removes packages, and nothing that they once brought in. */
export const dnfRemove = (packages: readonly string[]): PackageCommand => dnf("--assumeyes", "--noautoremove", "remove", ...packages);

/** Fetches the package lists; dnf waits for its own lock. */
export const dnfMakeCache = (): PackageCommand => dnf("--assumeyes", "makecache");

/** Resolves a transaction and answers its question with no: exit code 1. */
export const dnfSimulateInstall = (packages: readonly string[]): PackageCommand => dnf("--assumeno", "install", ...packages);

// One row of the table: name, architecture, version, …; a long name has its row's rest on the next line.
const kernelRow = /^ (kernel(?:-core|-uki-virt|-uek(?:-core)?|-(?:rt|64k|debug|rt-debug)-core)?)\s+(\S+)\s+(\S+)\s/gm;

/** Kernel images in the table of a resolved transaction, to be installed or removed. */
export function plannedKernelsOfDnf(simulation: Answer): readonly string[] {
  if (!/Operation aborted|Nothing to do/.test(simulation.stdout + simulation.stderr)) {
    throw new FactError(`dnf cannot resolve this: ${simulation.stderr.trim()}`);
  }
  return [...simulation.stdout.matchAll(kernelRow)].map(([, name, architecture, version]) => `${name}-${version}.${architecture}`);
}
