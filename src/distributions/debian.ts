import type { Answer, Argv } from "../core/answer.ts";
import { FactError } from "../core/error.ts";
import type { Host } from "../core/host.ts";
import { readCompiler } from "../kernel/compiler.ts";
import { compareDebianVersions } from "../kernel/debian_version.ts";
import { parseRelease } from "../kernel/release.ts";
import { aptInstall, aptRemove, aptUpdate } from "./apt.ts";
import type { Distribution, KernelOwner, SymbolMapPackage } from "./distribution.ts";
import { nextKernelOfGrub } from "./grub.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in, not JavaScript
const showVersions = ["dpkg-query", "--show", "--showformat=${Package}\\t${db:Status-Status}\\t${Version}\\n"] as const;

/** The lines of a tab-separated answer of dpkg-query. Code 1 only says that a name has no package. */
function rows(answer: Answer): readonly (readonly string[])[] {
  if (answer.code > 1) throw new FactError(`dpkg-query failed with exit code ${answer.code}: ${answer.stderr.trim()}`);
  return answer.stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}

function parsePackageVersions(answer: Answer): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const [name, status, version] of rows(answer)) {
    if (name === undefined || version === undefined) throw new FactError(`cannot read this answer of dpkg-query: "${answer.stdout}"`);
    if (status === "installed") versions.set(name, version);
  }
  return versions;
}

const kernelOwnerScript = `
found=$(dpkg-query --search "/boot/vmlinuz-$1") || exit
owner=$(printf '%s\\n' "$found" | sed -n '/^\\(local \\)\\{0,1\\}diversion /!{s/[:,].*//p;q;}')
dpkg-query --show --showformat='\${Package}\\t\${Version}\\n' "$owner"
`;

function parseKernelOwner(answer: Answer): KernelOwner | undefined {
  if (answer.code === 1) return undefined;
  const [name, version] = rows(answer)[0] ?? [];
  if (name === undefined || version === undefined) throw new FactError(`cannot read which package owns the kernel: "${answer.stdout}"`);
  return { package: name, version };
}

/** "linux-image-cloud-amd64" brings images, "linux-image-6.1.0-37-cloud-amd64" is one. */
const isImageMetapackage = (name: string): boolean => /^linux-image-(?!unsigned-|extra-|.*\d+\.\d+\.\d+|.*-dbg$)/.test(name);

function updateInitramfs(kernel: string, hasImage: boolean): Argv {
  return ["update-initramfs", hasImage ? "-u" : "-c", "-k", parseRelease(kernel).text];
}

/** $1 package=version, $2 the map's path in it. tar ends with the map, minutes before a debug package does, and dpkg-deb complains of that. */
const printMap = 'apt-get -q download "$1" >&2 && dpkg-deb --fsys-tarfile ./*.deb 2>/dev/null | tar --occurrence=1 -xO "$2"';

/** Ubuntu has real maps beside its kernels, Debian only in its debug packages. */
function symbolMapPackage({ distribution }: Host, kernel: string, version: string): SymbolMapPackage {
  const isUbuntu = distribution === "ubuntu";
  const name = `${isUbuntu ? `linux-modules-${kernel}` : `linux-image-${kernel}-dbg`}=${version}`;
  const path = `${isUbuntu ? "./boot" : "./usr/lib/debug/boot"}/System.map-${kernel}`;
  return { package: name, script: printMap, args: [name, path] };
}

/** Debian, Ubuntu and their descendants. */
export const debian: Distribution = {
  family: "debian",
  headersPackage: (kernel) => `linux-headers-${kernel}`,
  symbolMapPackage,
  dkmsPackages: () => ["dkms"],
  compilerPackages(kernelCompiler = "") {
    const compiler = readCompiler(kernelCompiler);
    return compiler?.name === "gcc" ? ["gcc", "make", `gcc-${compiler.major}`] : ["gcc", "make"];
  },
  installPackages: aptInstall,
  removePackages: aptRemove,
  refreshPackages: aptUpdate,
  packageVersionsQuery: (packages) => [...showVersions, ...packages],
  parsePackageVersions,
  imageMetapackagesQuery: () => [...showVersions, "linux-image-*"],
  headersForGood: (imageMetapackages) =>
    [...imageMetapackages]
      .filter(([name]) => isImageMetapackage(name))
      .map(([name, version]) => `${name.replace("linux-image-", "linux-headers-")}=${version}`),
  moduleInstallFolder: (host, kernel) => `${host.moduleFolder}/${kernel}/updates/dkms`,
  initramfsImage: (kernel) => `/boot/initrd.img-${kernel}`,
  updateInitramfs: (kernel, hasImage = true) => updateInitramfs(kernel, hasImage),
  initramfsEmbedFile: (module) => ({ kind: "line", path: "/etc/initramfs-tools/modules", line: module }),
  compareVersions: compareDebianVersions,
  kernelOwnerQuery: (kernel) => ["sh", "-c", kernelOwnerScript, "sh", kernel],
  parseKernelOwner,
  nextKernel: nextKernelOfGrub,
};
