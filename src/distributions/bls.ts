import type { BootEvidence } from "./next_kernel.ts";

/** The kernel of a boot loader specification id: a machine id, a dash, the release. */
const kernelOfId = (id: string, kernels: readonly string[]): string | undefined => {
  const release = /^[0-9a-f]{32}-(.+)$/.exec(id)?.[1];
  return kernels.find((kernel) => kernel === release);
};

const kernelOfGrubby = (output: string, kernels: readonly string[]): string | undefined => {
  const release = /^\/boot\/vmlinuz-(\S+)\s*$/.exec(output)?.[1];
  return kernels.find((kernel) => kernel === release);
};

/** The next kernel of a host with boot loader specification entries, as RHEL 8 and later have: one-shot entry, then grubby, then the saved entry. Sources that contradict each other are not conclusive. */
export function nextKernelOfBls({ kernels, grubby, savedEntry, nextEntry }: BootEvidence): string | undefined {
  if (nextEntry) return kernelOfId(nextEntry, kernels);
  const saved = savedEntry ? kernelOfId(savedEntry, kernels) : undefined;
  const byDefault = grubby === undefined ? saved : kernelOfGrubby(grubby, kernels);
  return saved !== undefined && saved !== byDefault ? undefined : byDefault;
}
