import { compareDebianVersions } from "../kernel/debian_version.ts";
import type { BootEvidence } from "./next_kernel.ts";

/** GRUB's own preparation of a release before dpkg's rules order it (grub-mkconfig_lib, version_test_gt): release candidates sort before the release. */
const sortable = (kernel: string): string => kernel.replace(/[._-](pre|rc|test|git|old|trunk)/g, "~$1");

const newest = (kernels: readonly string[]): string | undefined =>
  kernels.toSorted((a, b) => compareDebianVersions(sortable(a), sortable(b))).at(-1);

/** The kernel that a menu entry names by its id or its title, if it is one of those. */
export function kernelOfEntry(entry: string, kernels: readonly string[]): string | undefined {
  const leaf = entry.split(">").at(-1) ?? "";
  return kernels.find((kernel) => isEntryOf(leaf, kernel));
}

function isEntryOf(leaf: string, kernel: string): boolean {
  const type = leaf.startsWith(`gnulinux-${kernel}-`) ? leaf.slice(`gnulinux-${kernel}-`.length) : "";
  return /^(?:advanced|recovery|init-[a-z]+)-/.test(type) || leaf.endsWith(`, with Linux ${kernel}`);
}

/** The next kernel of a host whose menu grub-mkconfig of Debian or Ubuntu made. */
export function nextKernelOfGrub(evidence: BootEvidence): string | undefined {
  const { kernels, grubDefault, isReordered } = evidence;
  if (grubDefault === undefined) return undefined;
  const byDefault = grubDefault === "saved" ? evidence.savedEntry : grubDefault;
  const entry = evidence.nextEntry || byDefault || "0";
  const isFirst = entry === "0" || /^gnulinux-simple-[^>]+$/.test(entry);
  if (isFirst) return isReordered === true ? undefined : newest(kernels);
  return kernelOfEntry(entry, kernels);
}
