import { gzipSync } from "node:zlib";
import { messageOf, ProofError } from "../core/error.ts";
import { readTar, type TarFile } from "../core/tar.ts";
import { type PackedFile, writeTar } from "../core/tar_writer.ts";
import { largestModule, unpack } from "../kernel/unpack.ts";

/** Bytes of a package, packed and unpacked: a module, its log, and little else. */
export const largestPackage = 2 * largestModule;

/** Files in a package: its vendor may have put the source beside the module. */
const mostFiles = 10_000;

/** A .tar.gz with these files, sorted by path; the archive within is the same whoever packs it and when. */
export const packFiles = (files: readonly PackedFile[]): Uint8Array =>
  gzipSync(writeTar(files.toSorted((a, b) => (a.path < b.path ? -1 : 1))));

/** The regular files in a tar from anywhere, plain or compressed as modules are. Throws a ProofError where it is damaged, has too much or too many, leads out of itself, or names a file twice. */
export async function unpackFiles(bytes: Uint8Array): Promise<readonly TarFile[]> {
  const files = await unpack(bytes, largestPackage, "package")
    .then((archive) => readTar(archive, "ignored"))
    .catch(refuse);
  if (files.length > mostFiles) throw new ProofError(`it is no package: it has ${files.length} files, the limit is ${mostFiles}`);
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size < files.length) throw new ProofError("it is no package: a file is in it twice");
  return files;
}

function refuse(cause: unknown): never {
  throw new ProofError(`it is no package, or a damaged one: ${messageOf(cause)}`, { cause });
}
