import type { Inventory } from "./inventory.ts";
import { emptyDraft } from "./inventory_draft.ts";
import { mergeInventory } from "./inventory_merge.ts";
import { draftInventoryYaml } from "./inventory_yaml.ts";
import { readYaml } from "./yaml.ts";

/** Reads inventory files in their order; what a later one says of a variable replaces what an earlier one said. Throws a ConfigError with its place. */
export async function loadInventory(paths: readonly string[]): Promise<Inventory> {
  const draft = emptyDraft();
  for (const path of paths) draftInventoryYaml(draft, await readYaml(path));
  return mergeInventory(draft);
}
