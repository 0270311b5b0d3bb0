import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { type DkmsEntry, parseDkmsStatus } from "../kernel/dkms.ts";
import { buildsScript, builtModulesScript, privateTree } from "./dkms_script.ts";
import { filePattern, readModinfos } from "./module_file.ts";
import { readCount, readRecord } from "./record.ts";

/** All that decides what a build of one kernel release comes out as. */
export interface BuiltFrom {
  /** sha256 of the source. */
  readonly source: string;
  /** Version of the kernel's package: distributions build kernels anew under one name. */
  readonly kernelPackage: string;
  /** sha256 of the symbol map; undefined: the module takes none. */
  readonly symbolMap: string | undefined;
  /** Serial number of the certificate whose key the builder's dkms signs with, lower-case hex; undefined: it signs as the host is set up to, or not. */
  readonly signer: string | undefined;
}

/** A module that dkms has built for one kernel. */
export interface DkmsBuild {
  readonly kernel: string;
  readonly architecture: string;
  /** kofleet's own tree, or the host's. */
  readonly tree: "private" | "host";
  /** What it was built from, as kofleet notes it; undefined: dkms built it by itself. */
  readonly from: BuiltFrom | undefined;
  /** Whether something in the source's folder is newer than the build. */
  readonly isOutdated: boolean;
  /** Whether dkms has it installed, and what lies below /lib/modules is what it built. */
  readonly isInstalled: boolean;
}

const subject = "what dkms has built";
const place = `(?<tree>/var/lib/(?:kofleet/)?dkms)/[^/]+/[^/]+/(?<kernel>[^/]+)/(?<architecture>[^/]+)`;
const buildLine = new RegExp(
  `^(?:(?<source>[0-9a-f]{64}) (?<package>\\S+) (?:(?<map>[0-9a-f]{64})|-)(?: (?<signer>[0-9a-f]+))?|-) (?<age>older|newer) ${place}$`,
);

function readBuild(line: string, entries: readonly DkmsEntry[]): DkmsBuild {
  const { source, package: kernelPackage, map: symbolMap, signer, age, tree, kernel, architecture } = buildLine.exec(line)?.groups ?? {};
  if (kernel === undefined || architecture === undefined) {
    throw new FactError(`cannot read ${subject}: unexpected "${line}"`);
  }
  const entry = entries.find((one) => one.kernel === kernel && one.architecture === architecture);
  return {
    kernel,
    architecture,
    tree: tree === privateTree ? "private" : "host",
    from: source === undefined || kernelPackage === undefined ? undefined : { source, kernelPackage, symbolMap, signer },
    isOutdated: age === "newer",
    isInstalled: tree !== privateTree && entry?.state === "installed" && entry.note === undefined,
  };
}

/** What kofleet and the host itself have built of a module's version, by kernel. */
export const dkmsBuilds = (module: string, version: string): Fact<readonly DkmsBuild[]> => ({
  name: `dkmsBuilds ${module} ${version}`,
  command: ["sh", "-c", buildsScript, "sh", module, version, filePattern(module)],
  parse(answer) {
    const record = readRecord(answer, subject);
    const entries = parseDkmsStatus(record.all("dkms").join("\n"));
    return record.all("build").map((line) => readBuild(line, entries));
  },
});

/** The file that a build left. */
export interface BuiltModule {
  readonly kernel: string;
  readonly path: string;
  /** Where dkms keeps the log of that build. */
  readonly log: string;
  /** sha256 of the module itself, uncompressed. */
  readonly sha256: string;
  /** Bytes, uncompressed. */
  readonly size: number;
  readonly vermagic: string;
  readonly srcversion: string;
  /** ISO 8601, UTC. */
  readonly builtAt: string;
}

const moduleLine = new RegExp(
  `^(?<sha256>[0-9a-f]{64}) (?<size>\\d+) (?<at>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ) (?<path>(?<folder>${place})/module/[^/]+)$`,
);

/** The files that builds of a module's version left; those that are damaged, or no modules, are not among them. */
export const builtModules = (module: string, version: string): Fact<readonly BuiltModule[]> => ({
  name: `builtModules ${module} ${version}`,
  command: ["sh", "-c", builtModulesScript, "sh", module, version, filePattern(module)],
  parse(answer) {
    const record = readRecord(answer, subject);
    const identities = readModinfos(record.all("modinfo"));
    return record.all("module").flatMap((line) => {
      const { sha256, size, at, path, folder, kernel } = moduleLine.exec(line)?.groups ?? {};
      if (!sha256 || !size || !at || !path || !kernel) throw new FactError(`cannot read ${subject}: unexpected "${line}"`);
      const { vermagic, srcversion = "" } = identities.get(path) ?? {};
      if (vermagic === undefined) return [];
      const built = {
        kernel,
        path,
        log: `${folder}/log/make.log`,
        sha256,
        size: readCount(size, subject),
        vermagic,
        srcversion,
        builtAt: at,
      };
      return [built];
    });
  },
});

/** The build for a kernel that was made from exactly this: installed before private. What dkms built by itself counts unless the source changed since, or it takes a symbol map or a certain signature, which nobody saw. */
export const buildOf = (builds: readonly DkmsBuild[], kernel: string, from: BuiltFrom): DkmsBuild | undefined =>
  builds
    .filter((build) => build.kernel === kernel && isFrom(build, from))
    .toSorted((a, b) => Number(b.isInstalled) - Number(a.isInstalled))[0];

function isFrom({ from: own, isOutdated }: DkmsBuild, { source, kernelPackage, symbolMap, signer }: BuiltFrom): boolean {
  if (own === undefined) return !isOutdated && symbolMap === undefined && signer === undefined;
  return own.source === source && own.kernelPackage === kernelPackage && own.symbolMap === symbolMap && own.signer === signer;
}
