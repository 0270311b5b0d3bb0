import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { during } from "./progress.ts";
import { expectRun } from "./run.ts";

/** By program, or by the absolute path of another file: the Debian package that has it. */
type Packages = Readonly<Record<string, string>>;

const packageOf: Packages = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  ssh: "openssh-client",
  setpriv: "util-linux",
  unshare: "util-linux",
  mmdebstrap: "mmdebstrap",
  "mkfs.ext4": "e2fsprogs",
  losetup: "mount",
};

/** Installs the Debian packages whose programs are missing when root may, else throws with the one line that says which. */
export const ensurePrograms = (): Promise<void> => ensure("the lab", packageOf);

/** The same for the lab's containers. */
export const ensureContainers = (): Promise<void> => ensure("a container of the lab", { "systemd-nspawn": "systemd-container" });

/** The same for whatever else needs programs; `who` stands in that line. */
export async function ensure(who: string, packageOf: Packages): Promise<void> {
  const missing = Object.keys(packageOf).filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => packageOf[program] ?? program))];
  if (process.getuid?.() !== 0 || !isInstalled("apt-get")) {
    throw new Error(
      `${who} needs ${missing.join(", ")}: install ${packages.join(" ")} (Debian: sudo apt-get install ${packages.join(" ")})`,
    );
  }
  await during(`installing ${packages.join(", ")} on this machine`, () => install(packages));
}

async function install(packages: readonly string[]): Promise<void> {
  await expectRun("apt-get", ["-q", "update"]);
  const options = ["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];
  await expectRun("env", [...options, "install", ...packages]);
}

function isInstalled(program: string): boolean {
  if (program.startsWith("/")) return existsSync(program);
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
