import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { compareDebianVersions } from "../../src/kernel/debian_version.ts";
import { candidateVersions, linuxPackages } from "../lab/apt.ts";
import { during } from "../lab/progress.ts";
import { expectRun } from "../lab/run.ts";

/** What Debian ships for one kernel, unpacked. */
export interface KernelPackage {
  /** "6.1.0-56-cloud-amd64" */
  readonly release: string;
  /** Module files, in a stable order. */
  readonly modules: readonly string[];
  /** Module.symvers of its headers. */
  readonly symvers: string;
  /** What Debian ships as its System.map. */
  readonly systemMap: string;
}

const cache = (): string => join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "kofleet-oracle");

/** The newest cloud kernel of each series that this machine's apt offers: 6.1 with plain modules, 6.12 with packed ones on Debian 12. */
export async function kernelPackages(): Promise<readonly KernelPackage[]> {
  const newest = new Map<string, string>();
  for (const name of await linuxPackages()) {
    const [, release, series] = /^linux-image-((\d+\.\d+)\.\S*-cloud-amd64)$/.exec(name) ?? [];
    if (release === undefined || series === undefined) continue;
    const before = newest.get(series);
    if (before === undefined || compareDebianVersions(before, release) < 0) newest.set(series, release);
  }
  return Promise.all([...newest.values()].map(unpacked));
}

async function unpacked(release: string): Promise<KernelPackage> {
  const image = await unpackedPackage(`linux-image-${release}`);
  const headers = await unpackedPackage(`linux-headers-${release}`);
  const files = await readdir(image, { recursive: true });
  return {
    release,
    modules: files
      .filter((file) => /\.ko(?:\.\w+)?$/.test(file))
      .sort()
      .map((file) => join(image, file)),
    symvers: join(headers, "usr/src", `linux-headers-${release}`, "Module.symvers"),
    systemMap: join(image, "boot", `System.map-${release}`),
  };
}

/** The folder in which a package lies unpacked, downloaded where it is not there yet. */
async function unpackedPackage(name: string): Promise<string> {
  const [version] = await candidateVersions([name]);
  const folder = join(cache(), (version ?? name).replaceAll("/", "_"));
  if (!existsSync(folder)) await during(`downloading ${version}`, () => download(version ?? name, folder));
  return folder;
}

async function download(version: string, folder: string): Promise<void> {
  await mkdir(cache(), { recursive: true });
  const work = await mkdtemp(join(cache(), "new-"));
  await expectRun("sh", ["-c", 'cd "$1" && apt-get -q download "$2" && dpkg-deb -x ./*.deb whole', "sh", work, version]);
  // Of two processes that download one package the second finds it there.
  await rename(join(work, "whole"), folder).catch((error: unknown) => {
    if (!existsSync(folder)) throw error;
  });
  await rm(work, { recursive: true });
}
