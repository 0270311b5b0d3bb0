import { FactError } from "../core/error.ts";
import { type Compression, compressionOf } from "../kernel/compression.ts";
import { findBuildId } from "./module_file.ts";
import { type FactRecord, readCount } from "./record.ts";

/** A kernel that the host runs or could boot: its vmlinuz is in /boot or in its module folder. */
export interface InstalledKernel {
  /** What `uname -r` prints once it runs. */
  readonly release: string;
  /** Name of the package that owns its vmlinuz; undefined: no package does. */
  readonly package: string | undefined;
  /** Version of that package; of an unowned kernel `build-id:` and the id in /sys/kernel/notes, which only the running kernel tells. */
  readonly packageVersion: string | undefined;
  /** The id in /sys/kernel/notes, in hex: of the running kernel only. */
  readonly buildId?: string;
  /** Of the running kernel only, where it tells: the version of the package that it was started from, which may have been replaced since. */
  readonly startedVersion?: string;
  /** Whether modules can be built for it here: its `build` link leads to a Makefile and generated headers. */
  readonly hasHeaders: boolean;
  /** vermagic of its own modules, to the letter; undefined where it has none to look at. */
  readonly vermagic: string | undefined;
  /** How its own modules are compressed, which differs between kernels of one host; absent where it has none to look at. */
  readonly compression?: Compression;
  /** Bytes of its initramfs; undefined: it has none. */
  readonly initramfsBytes: number | undefined;
}

const subject = "the host's kernels";

type ByKernel<T> = ReadonlyMap<string, T>;

/** Reads lines by an expression with the groups `kernel` and `value`; the first line of a kernel counts. */
function byKernel(lines: readonly string[], form: RegExp): ByKernel<string> {
  const values = new Map<string, string>();
  for (const text of lines) {
    const { kernel, value } = form.exec(text)?.groups ?? {};
    if (kernel === undefined || value === undefined) throw new FactError(`cannot read ${subject}: unexpected "${text}"`);
    if (!values.has(kernel)) values.set(kernel, value);
  }
  return values;
}

interface Owner {
  readonly package: string;
  readonly version: string;
}

function debianOwners(record: FactRecord): ByKernel<Owner> {
  const versions = byKernel(record.all("version"), /^(?<kernel>\S+) (?<value>\S+)$/);
  const names = byKernel(record.all("owner"), /^(?<value>[^\s,]+).*: \/boot\/vmlinu[xz]-(?<kernel>\S+)$/);
  const owners = [...names].map(([kernel, name]) => [kernel, { package: name.replace(/:\w+$/, ""), version: versions.get(name) }] as const);
  return new Map(owners.flatMap(([kernel, { package: name, version }]) => (version ? [[kernel, { package: name, version }]] : [])));
}

function redhatOwners(record: FactRecord): ByKernel<Owner> {
  const lines = byKernel(record.all("rpm"), /^\/(?:boot\/vmlinuz-|lib\/modules\/)(?<kernel>[^\s/]+)(?:\/vmlinuz)? (?<value>\S+ \S+)$/);
  return new Map([...lines].map(([kernel, owner]) => [kernel, { package: owner.split(" ")[0] ?? "", version: owner.split(" ")[1] ?? "" }]));
}

const runningBuildId = (record: FactRecord): string | undefined => findBuildId([record.optional("notes") ?? ""]);

/** Debian's kernels say their package's version in `uname -v`: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)". Others have a release of its own for each. */
const runningVersion = (record: FactRecord): string | undefined =>
  / Debian (\S+) \(\d{4}-\d\d-\d\d\)$/.exec(record.optional("build") ?? "")?.[1];

/** CONFIG_CC_VERSION_TEXT of kernels, and of headers whose kernel is not here. */
export const kernelCompilers = (record: FactRecord): ByKernel<string> =>
  byKernel(
    record.all("config"),
    /^\/(?:boot\/config-|lib\/modules\/)(?<kernel>[^\s:/]+)(?:\/[^\s:]*)?:CONFIG_CC_VERSION_TEXT="(?<value>.*)"$/,
  );

const initramfsSizes = (record: FactRecord): ByKernel<string> =>
  byKernel(record.all("initramfs"), /^(?<value>\d+) \/boot\/(?:initrd\.img-|initramfs-|initrd-)(?<kernel>.+?)(?:\.img)?$/);

/** The releases with a vmlinuz, backups and rescue images left out. */
export const bootableKernels = (releases: readonly string[]): readonly string[] =>
  releases.filter((release) => /^\d+\.\d/.test(release) && !/\.(?:old|bak|dpkg-\w+|rpm\w+)$/.test(release));

/** Reads what `machineScript` says of the kernels. The running one is always among them. */
export function readInstalledKernels(record: FactRecord): readonly InstalledKernel[] {
  const running = record.one("running");
  const owners = new Map([...redhatOwners(record), ...debianOwners(record)]);
  const headers = new Set(record.all("headers"));
  const sizes = initramfsSizes(record);
  const vermagics = byKernel(record.all("vermagic"), /^(?<value>(?<kernel>\S+).*)$/);
  const samples = byKernel(record.all("module"), /^(?<value>\/lib\/modules\/(?<kernel>[^/]+)\/.+)$/);
  const releases = new Set([...bootableKernels([...record.all("boot"), ...record.all("image")]), running]);
  return [...releases].map((release) => {
    const owner = owners.get(release);
    const size = sizes.get(release);
    const compression = compressionOf(samples.get(release) ?? "");
    const buildId = release === running ? runningBuildId(record) : undefined;
    const startedVersion = release === running ? runningVersion(record) : undefined;
    return {
      release,
      package: owner?.package,
      packageVersion: owner?.version ?? (buildId && `build-id:${buildId}`),
      ...(buildId !== undefined && { buildId }),
      ...(startedVersion !== undefined && { startedVersion }),
      hasHeaders: headers.has(release),
      vermagic: vermagics.get(release),
      ...(compression !== undefined && { compression }),
      initramfsBytes: size === undefined ? undefined : readCount(size, subject),
    };
  });
}
