import { randomUUID } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Puts a file in place so that a reader, or a crash at any moment, finds the old file or the whole new one. */
export const writeAtomically = (path: string, bytes: Uint8Array | string): Promise<void> => place(path, bytes, rename);

/** The same, but throws where there is a file already, whoever made it and when (code EEXIST). Where there are no hard links, the name is that of an empty file for a moment. */
export const writeNew = (path: string, bytes: Uint8Array | string, putLink = link): Promise<void> =>
  place(path, bytes, async (beside, there) => {
    try {
      await putLink(beside, there);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && noLinks.has(error.code))) throw error;
      return moveToClaimed(beside, there);
    }
    await rm(beside);
  });

/** What link(2) fails with on file systems without hard links: vfat and exFAT, those of networks, those in user space. */
const noLinks: ReadonlySet<unknown> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** Takes a name that nobody has, and replaces the empty file that takes it by a whole one. */
async function moveToClaimed(beside: string, there: string): Promise<void> {
  await (await open(there, "wx")).close();
  try {
    await rename(beside, there);
  } catch (error) {
    await rm(there, { force: true });
    throw error;
  }
}

async function place(path: string, bytes: Uint8Array | string, move: (beside: string, there: string) => Promise<void>): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeSynced(beside, bytes);
    await move(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function writeSynced(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable only once the folder itself is on the disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
