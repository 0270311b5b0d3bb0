import { readFolderVars } from "./folder_vars.ts";
import type { Inventory } from "./inventory.ts";
import { emptyDraft } from "./inventory_draft.ts";
import { mergeInventory } from "./inventory_merge.ts";
import { draftSource } from "./inventory_source.ts";
import type { SecretSources } from "./secret_sources.ts";

/**
 * Reads what `-i` names, in that order: what a later one says of a variable replaces what an earlier one said. The vars folders beside
 * the inventories are read, too, and those of `playbookFolder`, which win over them. Throws a ConfigError with its place.
 */
export async function loadInventory(sources: readonly string[], secrets: SecretSources, playbookFolder?: string): Promise<Inventory> {
  const draft = emptyDraft(secrets);
  const folders: (string | undefined)[] = [];
  for (const source of sources) folders.push(await draftSource(draft, source));
  const names = { groups: [...draft.groups.keys()], hosts: [...draft.hosts.keys()] };
  const vars = await Promise.all(lastOnes([...folders, playbookFolder]).map((folder) => readFolderVars(folder, names, secrets)));
  return mergeInventory(draft, vars);
}

/** Each folder once, where it is named last: there its variables win. */
const lastOnes = (folders: readonly (string | undefined)[]): readonly string[] =>
  [...new Set(folders.toReversed())].reverse().filter((folder) => folder !== undefined);
