import type { Answer } from "../core/answer.ts";
import { FactError } from "../core/error.ts";
import type { Host } from "../core/host.ts";
import { kernelName } from "../kernel/module_name.ts";
import { parseRelease } from "../kernel/release.ts";
import { compareRpmVersions } from "../kernel/rpm_version.ts";
import { nextKernelOfBls } from "./bls.ts";
import type { Distribution, KernelOwner, SymbolMapPackage } from "./distribution.ts";
import { dnfInstall, dnfMakeCache, dnfRemove } from "./dnf.ts";

const versionFormat = "%{NAME}\\t%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\n";

/** Lines of rpm that are an answer; what is not installed or not owned says so on stdout, all else is an error. The exit code counts what was not found. */
function rows(answer: Answer): readonly (readonly [name: string, exact: string, version: string])[] {
  if (answer.code > 125 || /^error: (?!file )/m.test(answer.stderr)) throw new FactError(`rpm failed: ${answer.stderr.trim()}`);
  return answer.stdout
    .split("\n")
    .filter((line) => line !== "" && !/ is not (?:installed|owned by any package)$/.test(line))
    .map((line) => {
      const [name, exact, version] = line.split("\t");
      if (name === undefined || exact === undefined || version === undefined)
        throw new FactError(`cannot read this line of rpm: "${line}"`);
      return [name, exact, version];
    });
}

/** kernel-devel and its like are installed several times: under its bare name the newest counts. */
function parsePackageVersions(answer: Answer): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const [name, exact, version] of rows(answer)) {
    const known = versions.get(name);
    if (known === undefined || compareRpmVersions(known, version) < 0) versions.set(name, version);
    versions.set(exact, version);
  }
  return versions;
}

function parseKernelOwner(answer: Answer): KernelOwner | undefined {
  const row = rows(answer)[0];
  return row && { package: row[0], version: row[2] };
}

/** $1 package, $2 the map's path in it. */
const printMap = 'dnf --assumeyes download "$1" >&2 && rpm2cpio ./*.rpm | cpio --extract --to-stdout --quiet "$2"';

/** The package of the kernel itself has its map; a release is in its name. */
function symbolMapPackage(_: Host, kernel: string): SymbolMapPackage {
  const name = `kernel-core-${kernel}`;
  return { package: name, script: printMap, args: [name, `./lib/modules/${kernel}/System.map`] };
}

/** RHEL and its rebuilds, 8 and later. */
export const redhat = (host: Host): Distribution => ({
  family: "redhat",
  headersPackage: (kernel) => `kernel-devel-${kernel}`,
  symbolMapPackage,
  // dkms of EL 9 requires it by name, which alone would resolve to the newest kernel.
  dkmsPackages: () => (Number.parseInt(host.distributionVersion, 10) >= 9 ? ["dkms", `kernel-devel-matched-${host.kernel}`] : ["dkms"]),
  compilerPackages: () => ["gcc", "make"],
  installPackages: dnfInstall,
  removePackages: dnfRemove,
  refreshPackages: dnfMakeCache,
  packageVersionsQuery: (packages) => ["rpm", "--query", `--queryformat=${versionFormat}`, ...packages],
  parsePackageVersions,
  imageMetapackagesQuery: () => ["rpm", "--query", `--queryformat=${versionFormat}`, "kernel"],
  // dnf updates kernel-devel together with the kernel, once it is installed.
  headersForGood: () => [],
  moduleInstallFolder: (host, kernel) => `${host.moduleFolder}/${kernel}/extra`,
  initramfsImage: (kernel) => `/boot/initramfs-${kernel}.img`,
  updateInitramfs: (kernel) => ["dracut", "--force", "--kver", parseRelease(kernel).text],
  initramfsEmbedFile: (module) => ({
    kind: "file",
    path: `/etc/dracut.conf.d/kofleet-${kernelName(module)}.conf`,
    // Without the blanks dracut would glue it to the drivers of other files.
    content: `add_drivers+=" ${module} "\n`,
  }),
  compareVersions: compareRpmVersions,
  kernelOwnerQuery: (kernel) => ["rpm", "--query", `--queryformat=${versionFormat}`, "--file", `/lib/modules/${kernel}/vmlinuz`],
  parseKernelOwner,
  nextKernel: nextKernelOfBls,
});
