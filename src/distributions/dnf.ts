import type { PackageCommand } from "./distribution.ts";

/** installonly_limit=0: an installed kernel-devel must not push the oldest kernel out. */
const flags = ["--setopt=installonly_limit=0", "--setopt=install_weak_deps=False"] as const;

const dnf = (...words: readonly string[]): PackageCommand => ({ argv: ["dnf", ...flags, ...words], env: {} });

/** Packages with a kernel image, of all flavours of RHEL and its rebuilds. */
const kernelImage = /^kernel(-core|-uki-virt|-uek(-core)?|-(rt|64k|debug|rt-debug)(-core)?)?(-\d|$)/;
const kernelImages = ["kernel", "kernel-core", "kernel-uki-virt", "kernel-uek", "kernel-uek-core", "kernel-*-core"] as const;

/** Installs packages in one transaction; refuses to install or change a kernel that is not named. */
export const dnfInstall = (packages: readonly string[]): PackageCommand =>
  dnf(
    "--assumeyes",
    ...(packages.some((name) => kernelImage.test(name)) ? [] : [`--exclude=${kernelImages.join(",")}`]),
    "install",
    ...packages,
  );

/** Removes packages, and nothing that they once brought in. */
export const dnfRemove = (packages: readonly string[]): PackageCommand => dnf("--assumeyes", "--noautoremove", "remove", ...packages);

/** Fetches the package lists; dnf waits for its own lock. */
export const dnfMakeCache = (): PackageCommand => dnf("--assumeyes", "makecache");
