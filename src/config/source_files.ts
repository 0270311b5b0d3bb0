import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ConfigError, messageOf } from "../core/error.ts";
import { readTar } from "../core/tar.ts";

/** A file of a source: its path with "/" between the parts, 0o755 or 0o644, and what is in it. */
export interface SourceFile {
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

/** Only whether a file may be executed counts: other bits of the mode depend on who unpacked it. */
export const sourceMode = (mode: number): number => ((mode & 0o100) === 0 ? 0o644 : 0o755);

/** Every file below a folder, in any order, without a repository's `.git`. Links are followed to files, never to folders. */
export async function readFolder(folder: string): Promise<SourceFile[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length));
    return await Promise.all(paths.filter((path) => !path.split("/").includes(".git")).map((path) => readOne(folder, path)));
  } catch (cause) {
    throw new ConfigError(`cannot read the module's source: ${messageOf(cause)}`, undefined, { cause });
  }
}

async function readOne(folder: string, path: string): Promise<SourceFile> {
  const file = join(folder, path);
  const [{ mode }, bytes] = await Promise.all([stat(file), readFile(file)]);
  return { path, mode: sourceMode(mode), bytes };
}

/** Every file of a tar archive, gzipped or not, without the one folder that most archives wrap around all. */
export async function readArchive(path: string): Promise<SourceFile[]> {
  try {
    const packed = await readFile(path);
    const isGzip = packed[0] === 0x1f && packed[1] === 0x8b;
    const files = readTar(isGzip ? await promisify(gunzip)(packed) : packed);
    return withoutWrapper(files.map((file) => ({ ...file, mode: sourceMode(file.mode) })));
  } catch (cause) {
    throw new ConfigError(`cannot read the module's source ${path}: ${messageOf(cause)}`, undefined, { cause });
  }
}

function withoutWrapper(files: readonly SourceFile[]): SourceFile[] {
  const wrapper = `${files[0]?.path.split("/")[0]}/`;
  return files.every(({ path }) => path.startsWith(wrapper))
    ? files.map((file) => ({ ...file, path: file.path.slice(wrapper.length) }))
    : [...files];
}
