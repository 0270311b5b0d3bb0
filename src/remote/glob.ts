import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { wildcard } from "./wildcard.ts";

/** The files that an absolute path with `*` and `?` in it stands for, sorted; hidden ones only where the pattern begins with a dot. */
export async function expandGlob(pattern: string): Promise<readonly string[]> {
  let found = ["/"];
  const parts = pattern.split("/").filter(Boolean);
  for (const [index, part] of parts.entries())
    found = (await Promise.all(found.map((folder) => entriesOf(folder, part, index === parts.length - 1)))).flat();
  return found;
}

async function entriesOf(folder: string, part: string, isLast: boolean): Promise<string[]> {
  if (!/[*?]/.test(part) && !isLast) return [join(folder, part)];
  const fits = wildcard(part);
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => fits(name) && (!name.startsWith(".") || part.startsWith(".")))
    .sort()
    .map((name) => join(folder, name));
}
