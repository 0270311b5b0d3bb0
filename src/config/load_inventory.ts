import type { Inventory } from "./inventory.ts";
import { emptyDraft } from "./inventory_draft.ts";
import { mergeInventory } from "./inventory_merge.ts";
import { draftInventoryYaml } from "./inventory_yaml.ts";
import type { SecretSources } from "./secret_sources.ts";
import { readYaml } from "./yaml.ts";

/** Reads inventory files in their order; what a later one says of a variable replaces what an earlier one said. Throws a ConfigError with its place. */
export async function loadInventory(paths: readonly string[], secrets: SecretSources): Promise<Inventory> {
  const draft = emptyDraft(secrets);
  for (const path of paths) draftInventoryYaml(draft, await readYaml(path, secrets));
  return mergeInventory(draft);
}
