import { promisify } from "node:util";
import { gunzip, gzipSync } from "node:zlib";
import { messageOf, ProofError } from "../core/error.ts";
import { readTar, type TarFile } from "../core/tar.ts";
import { type PackedFile, writeTar } from "../core/tar_writer.ts";
import { largestModule } from "../kernel/unpack.ts";

/** Bytes of a package, packed and unpacked: a module, its log, and little else. */
export const largestPackage = 2 * largestModule;

/** A .tar.gz with these files, sorted by path; the archive within is the same whoever packs it and when. */
export const packFiles = (files: readonly PackedFile[]): Uint8Array =>
  gzipSync(writeTar(files.toSorted((a, b) => (a.path < b.path ? -1 : 1))));

/** The files in a .tar.gz from anywhere. Throws a ProofError where it is damaged, too large, has links or devices, leads out of itself, or names a file twice. */
export async function unpackFiles(bytes: Uint8Array): Promise<readonly TarFile[]> {
  const files = await promisify(gunzip)(bytes, { maxOutputLength: largestPackage }).then(readTar).catch(refuse);
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size < files.length) throw new ProofError("it is no package: a file is in it twice");
  return files;
}

function refuse(cause: unknown): never {
  throw new ProofError(`it is no package, a damaged one, or one of more than ${largestPackage} bytes: ${messageOf(cause)}`, { cause });
}
