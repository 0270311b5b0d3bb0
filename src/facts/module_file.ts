import { FactError } from "../core/error.ts";
import { readBuildId } from "../kernel/build_id.ts";
import type { FactRecord } from "./record.ts";

/** One file of the module below /lib/modules. */
export interface ModuleFile {
  /** The kernel release whose folder it lies in. */
  readonly kernel: string;
  readonly path: string;
  /** Where it leads, if it is a link, as weak-modules makes them. */
  readonly target: string | undefined;
  readonly version: string | undefined;
  /** To the letter; undefined: the file is no module that modinfo can read (truncated, say). */
  readonly vermagic: string | undefined;
  readonly srcversion: string | undefined;
  /** The linker's build id, in hex. */
  readonly buildId: string | undefined;
  /** sha256 of the module itself, uncompressed; undefined: it can't be uncompressed. */
  readonly sha256: string | undefined;
}

/** Where a file lies below its kernel's folder, /lib/modules or /usr/lib/modules: "updates/dkms/dattobd.ko"; the whole path of one that lies elsewhere. */
export function placeOf({ kernel, path }: Pick<ModuleFile, "kernel" | "path">): string {
  const [, place] = path.split(`/lib/modules/${kernel}/`);
  return place ?? path;
}

/** A name as a pattern of `find` that takes dashes and underscores alike; it has no other special characters. */
export const filePattern = (module: string): string => module.replace(/[-_]/g, "[-_]");

/** The build id among the notes of a module or a kernel, each in hex. Notes are in the byte order of their machine. */
export function findBuildId(notes: readonly string[]): string | undefined {
  const found = notes.map((note) => Buffer.from(note, "hex")).map((note) => readBuildId(note) ?? readBuildId(note, false));
  return found.find((id) => id !== undefined);
}

/** The keys of modinfo that identify a build. */
export interface BuildIdentity {
  readonly version: string | undefined;
  readonly vermagic: string | undefined;
  readonly srcversion: string | undefined;
}

const nothing: BuildIdentity = { version: undefined, vermagic: undefined, srcversion: undefined };

/** Reads lines of `modinfo -0`, where each file begins with its name; values keep their blanks at the end. */
export function readModinfos(lines: readonly string[]): ReadonlyMap<string, BuildIdentity> {
  const files = new Map<string, BuildIdentity>();
  let path: string | undefined;
  for (const line of lines) {
    const [, name, key, value] = /^(?:filename: +(.*)|(version|vermagic|srcversion)=(.*))$/.exec(line) ?? [];
    if (name !== undefined) path = name;
    if (path === undefined || (name ?? key) === undefined) throw new FactError(`cannot read what modinfo printed: "${line}"`);
    files.set(path, { ...(files.get(path) ?? nothing), ...(key !== undefined && { [key]: value }) });
  }
  return files;
}

const subject = "the module's files";

/** Values by the path that ends their line. */
function byPath(lines: readonly string[], form: RegExp): ReadonlyMap<string, string> {
  return new Map(
    lines.map((line) => {
      const { path, value } = form.exec(line)?.groups ?? {};
      if (path === undefined || value === undefined) throw new FactError(`cannot read ${subject}: unexpected "${line}"`);
      return [path, value];
    }),
  );
}

const path = "(?<path>/lib/modules/.+)";

function readNote(line: string): { readonly path: string; readonly note: string } {
  const [, note, path] = /^([0-9a-f]*) (\/lib\/modules\/.+)$/.exec(line) ?? [];
  if (note === undefined || path === undefined) throw new FactError(`cannot read ${subject}: unexpected "${line}"`);
  return { path, note };
}

/** Reads what `moduleScript` says of files below /lib/modules. */
export function readModuleFiles(record: FactRecord): readonly ModuleFile[] {
  const digests = byPath(record.all("file"), new RegExp(`^(?<value>[0-9a-f]{64}|-) ${path}$`));
  const notes = record.all("note").map((line) => readNote(line));
  const targets = byPath(record.all("target"), new RegExp(`^(?<value>.+?)  ${path}$`));
  const identities = readModinfos(record.all("modinfo"));
  return [...digests].map(([path, digest]) => {
    const kernel = /^\/lib\/modules\/([^/]+)\//.exec(path)?.[1];
    if (kernel === undefined) throw new FactError(`cannot read ${subject}: "${path}" is in no kernel's folder`);
    return {
      kernel,
      path,
      target: targets.get(path),
      ...(identities.get(path) ?? nothing),
      buildId: findBuildId(notes.filter((note) => note.path === path).map(({ note }) => note)),
      sha256: digest === "-" ? undefined : digest,
    };
  });
}
