import { randomUUID } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Puts a file in place so that a reader, or a crash at any moment, finds the old file or the whole new one. */
export const writeAtomically = (path: string, bytes: Uint8Array | string): Promise<void> => place(path, bytes, rename);

/** The same, but throws where there is a file already, whoever made it and when (code EEXIST). */
export const writeNew = (path: string, bytes: Uint8Array | string): Promise<void> =>
  place(path, bytes, async (beside, there) => {
    await link(beside, there);
    await rm(beside);
  });

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
