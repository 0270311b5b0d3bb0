import { randomUUID } from "node:crypto";
import { link, rename, rm } from "node:fs/promises";
import { ifAbsent } from "./absent.ts";

/**
 * Removes a file unless it turns out to be wanted once nobody can find it any more; then it is back. That order is what makes it safe beside
 * others that write: who begins to want it later looks whether it is still there, and writes it again. Says whether the file is gone.
 */
export async function withdraw(path: string, isWanted: (aside: string) => Promise<boolean>): Promise<boolean> {
  const aside = `${path}.${randomUUID()}.tmp`;
  const isTaken = await rename(path, aside).then(() => true, ifAbsent(false));
  if (!isTaken) return false;
  const wanted = await isWanted(aside);
  if (wanted) await link(aside, path).catch(ifThere);
  await rm(aside);
  return !wanted;
}

/** A newer file of that name is the right one. */
function ifThere(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
}
