import { compareDebianVersions, compareVersionText } from "../kernel/debian_version.ts";
import type { BootEvidence } from "./next_kernel.ts";

/**
 * The orders in which the grub-mkconfig of Debian and Ubuntu puts kernels, newest last. GRUB up to 2.06 lets dpkg compare
 * after marking pre-releases; Ubuntu's 2.12 lets dpkg compare; Debian's 2.12 uses `sort -V` on lines that end in " 2".
 */
const orders: readonly ((a: string, b: string) => number)[] = [
  (a, b) => compareDebianVersions(markPreRelease(a), markPreRelease(b)),
  compareDebianVersions,
  (a, b) => compareVersionText(`${a} 2`, `${b} 2`),
];

const markPreRelease = (kernel: string): string => kernel.replace(/[._-](pre|rc|test|git|old|trunk)/g, "~$1");

/** The kernel of the first menu entry; undefined where GRUB's versions do not agree on it. */
function firstKernel({ kernels, isReordered }: BootEvidence): string | undefined {
  if (isReordered === true) return undefined;
  const [first, ...others] = orders.map((order) => kernels.toSorted(order).at(-1));
  return others.every((other) => other === first) ? first : undefined;
}

/** Whether the last part of a menu path is the entry of this kernel, by id or by title. */
function isEntryOf(leaf: string, kernel: string): boolean {
  const id = `gnulinux-${kernel}-`;
  return leaf.startsWith(id) ? /^(?:advanced|recovery|init-[a-z]+)-/.test(leaf.slice(id.length)) : leaf.endsWith(`, with Linux ${kernel}`);
}

/** The kernel that a menu path names, where it leads to an entry: through the submenu, unless the menu has none. */
function kernelOfEntry(path: string, { kernels, isFlat }: BootEvidence): string | undefined {
  const submenu = /^(?:gnulinux-advanced-[^>]+|Advanced options for [^>]+)>/.exec(path)?.[0] ?? "";
  if ((submenu === "") !== (isFlat === true)) return undefined;
  return kernels.find((kernel) => isEntryOf(path.slice(submenu.length), kernel));
}

/** The next kernel of a host whose menu grub-mkconfig of Debian or Ubuntu made: the one-shot entry, else the default, which may be the saved entry. */
export function nextKernelOfGrub(evidence: BootEvidence): string | undefined {
  const { grubDefault, savedEntry, nextEntry } = evidence;
  if (grubDefault === undefined) return undefined;
  // An empty default is the first entry to GRUB.
  const entry = nextEntry || (grubDefault === "saved" ? savedEntry : grubDefault) || "0";
  const isFirst = entry === "0" || (/^gnulinux-simple-[^>]+$/.test(entry) && evidence.isFlat !== true);
  return isFirst ? firstKernel(evidence) : kernelOfEntry(entry, evidence);
}
