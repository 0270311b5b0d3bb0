import type { Family } from "../core/host.ts";
import { nextKernelOfBls } from "../distributions/bls.ts";
import { nextKernelOfGrub } from "../distributions/grub.ts";
import type { BootEvidence } from "../distributions/next_kernel.ts";
import { bootableKernels } from "./installed_kernels.ts";
import type { FactRecord } from "./record.ts";

/** The last value that lines of shell assignments give a name, without its quotes. */
function assigned(lines: readonly string[], name: string): string | undefined {
  const line = lines.findLast((text) => text.trimStart().startsWith(`${name}=`));
  return line
    ?.slice(line.indexOf("=") + 1)
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");
}

function bootEvidence(record: FactRecord): BootEvidence {
  const [grub, environment] = [record.all("grub"), record.all("grubenv")];
  return {
    kernels: bootableKernels(record.all("boot")),
    grubDefault: record.all("grub-config").length > 0 ? (assigned(grub, "GRUB_DEFAULT") ?? "") : undefined,
    savedEntry: assigned(environment, "saved_entry"),
    nextEntry: assigned(environment, "next_entry"),
    isReordered: Boolean(assigned(grub, "GRUB_FLAVOUR_ORDER") || assigned(grub, "GRUB_TOP_LEVEL")),
    isFlat: /^(y|yes|true)$/.test(assigned(grub, "GRUB_DISABLE_SUBMENU") ?? ""),
    grubby: record.optional("grubby"),
  };
}

/** The release that boots next, as `machineScript` tells of GRUB; undefined where that is not conclusive. */
export function readNextKernel(record: FactRecord, family: Family): string | undefined {
  switch (family) {
    case "debian":
      return nextKernelOfGrub(bootEvidence(record));
    case "redhat":
      return nextKernelOfBls(bootEvidence(record));
    case "suse":
    case "other":
      return undefined;
    default:
      return family satisfies never;
  }
}
