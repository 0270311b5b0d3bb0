import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import type { Family } from "../core/host.ts";
import type { Compression } from "../kernel/compression.ts";
import { type InstalledKernel, kernelCompilers, readInstalledKernels } from "./installed_kernels.ts";
import { machineScript } from "./machine_script.ts";
import { readNextKernel } from "./next_boot.ts";
import { familyOf, readOsRelease } from "./os_release.ts";
import { type FactRecord, readCount, readRecord } from "./record.ts";

export type { InstalledKernel } from "./installed_kernels.ts";

/** A host as a place for kernel modules. */
export interface Machine {
  /** The running kernel's release. */
  readonly running: string;
  /** The release that boots next; undefined where the boot loader's files are not conclusive. */
  readonly next: string | undefined;
  readonly kernels: readonly InstalledKernel[];
  /** Releases that modules can be built for here, with or without their kernel. */
  readonly headers: readonly string[];
  /** What kernels were compiled with, CONFIG_CC_VERSION_TEXT, by release: of those in `kernels` and `headers` that tell. */
  readonly kernelCompilers: Readonly<Record<string, string>>;
  /** First line of `gcc --version`, or of `cc --version` where there is no gcc. */
  readonly compiler: string | undefined;
  /** The compilers that are called by their version: "gcc-12". */
  readonly versionedCompilers: readonly string[];
  /** First line of `make --version`. */
  readonly make: string | undefined;
  /** What `dkms --version` prints: "dkms-3.0.10", "dkms: 2.8.1". */
  readonly dkms: string | undefined;
  readonly packageManager: PackageManager | undefined;
  /** Bytes that are available on the filesystems of /boot, /lib/modules and /var/lib/dkms. */
  readonly freeBytes: { readonly boot: number; readonly modules: number; readonly dkms: number };
  readonly initramfsTool: InitramfsTool | undefined;
  /** How the running kernel's own modules are compressed, and what modprobe reads. */
  readonly compression: { readonly used: Compression; readonly supported: readonly Compression[] };
  /** undefined: it boots by EFI, and the variable could not be read. */
  readonly secureBoot: boolean | undefined;
  /** Whether the running kernel refuses modules that are not signed by an enrolled key. */
  readonly signatureEnforced: boolean;
  /** The kind of container it is, such as "lxc"; undefined: it has a kernel of its own. */
  readonly container: string | undefined;
  readonly bootId: string;
  /** vermagic of the running kernel's own modules. */
  readonly vermagic: string | undefined;
}

/** The package managers that kofleet tells apart. */
export type PackageManager = "apt" | "dnf" | "zypper";
/** The programs that make an initramfs. */
export type InitramfsTool = "update-initramfs" | "dracut";

const subject = "the machine";

const familyManager: Record<Family, PackageManager | undefined> = { debian: "apt", redhat: "dnf", suse: "zypper", other: undefined };

function readPackageManager(programs: readonly string[], family: Family): PackageManager | undefined {
  const manager = familyManager[family];
  return programs.includes(manager === "apt" ? "apt-get" : (manager ?? "")) ? manager : undefined;
}

function readInitramfsTool(programs: readonly string[], family: Family): InitramfsTool | undefined {
  const tools: readonly InitramfsTool[] = family === "debian" ? ["update-initramfs", "dracut"] : ["dracut", "update-initramfs"];
  return tools.find((tool) => programs.includes(tool));
}

function readFreeBytes(lines: readonly string[]): Machine["freeBytes"] {
  const free = lines.slice(1).map((line) => {
    // A filesystem's name may hold blanks: the numbers are found from the right.
    const [, kilobytes] = / \d+ +\d+ +(-?\d+) +(?:\d+%|-) +\/.*$/.exec(line) ?? [];
    if (kilobytes === undefined) throw new FactError(`cannot read ${subject}: df printed "${line}"`);
    return kilobytes.startsWith("-") ? 0 : readCount(kilobytes, subject) * 1024;
  });
  const [boot, modules, dkms] = free;
  if (boot === undefined || modules === undefined || dkms === undefined)
    throw new FactError(`cannot read ${subject}: df does not tell the free space`);
  return { boot, modules, dkms };
}

const readers: readonly (readonly [flag: string, compression: Compression])[] = [
  ["+XZ", "xz"],
  ["+ZSTD", "zst"],
  ["+ZLIB", "gz"],
];

function readCompression(record: FactRecord, running: InstalledKernel | undefined): Machine["compression"] {
  const flags = record.all("modprobe").flatMap((line) => line.split(" "));
  const supported = readers.filter(([flag]) => flags.includes(flag)).map(([, compression]) => compression);
  return { used: running?.compression ?? "none", supported: ["none", ...supported] };
}

/** The EFI variable holds four bytes of attributes and one of value; firmware that can't do Secure Boot has none. */
function readSecureBoot(record: FactRecord): boolean | undefined {
  const efi = record.all("efi");
  if (efi.length === 0) return false;
  const variable = record.optional("secure-boot");
  if (variable === undefined) return efi.includes("variables") ? false : undefined;
  return /^[0-9a-f]{8}0[01]$/.test(variable) ? variable.endsWith("1") : undefined;
}

const isEnforced = (record: FactRecord): boolean =>
  record.optional("enforced") === "Y" || /\[(?:integrity|confidentiality)\]/.test(record.optional("lockdown") ?? "");

/** The host as a place for kernel modules: one script, one round trip. */
export const machine: Fact<Machine> = {
  name: "machine",
  command: ["sh", "-c", machineScript],
  parse(answer) {
    const record = readRecord(answer, subject);
    const running = record.one("running");
    const family = familyOf(readOsRelease(record.all("os")));
    const kernels = readInstalledKernels(record);
    const ofRunning = kernels.find(({ release }) => release === running);
    return {
      running,
      next: readNextKernel(record, family),
      kernels,
      headers: record.all("headers"),
      kernelCompilers: Object.fromEntries(kernelCompilers(record)),
      compiler: record.optional("compiler"),
      versionedCompilers: [...new Set(record.all("versioned"))],
      make: record.optional("make"),
      dkms: record.optional("dkms"),
      packageManager: readPackageManager(record.all("program"), family),
      freeBytes: readFreeBytes(record.all("df")),
      initramfsTool: readInitramfsTool(record.all("program"), family),
      compression: readCompression(record, ofRunning),
      secureBoot: readSecureBoot(record),
      signatureEnforced: isEnforced(record),
      container: record.all("container")[0],
      bootId: record.one("boot-id"),
      vermagic: ofRunning?.vermagic,
    };
  },
};
