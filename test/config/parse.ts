import type { Inventory } from "../../src/config/inventory.ts";
import { emptyDraft } from "../../src/config/inventory_draft.ts";
import { mergeInventory } from "../../src/config/inventory_merge.ts";
import { draftInventoryYaml } from "../../src/config/inventory_yaml.ts";
import { noSecretSources } from "../../src/config/secret_sources.ts";
import { parseYaml } from "../../src/config/yaml.ts";

/** An inventory from texts, as if they were the files a.yaml, b.yaml, … */
export function inventoryOf(...texts: readonly string[]): Inventory {
  const draft = emptyDraft(noSecretSources);
  for (const [index, text] of texts.entries()) draftInventoryYaml(draft, parseYaml(text, `${"abcdef"[index]}.yaml`));
  return mergeInventory(draft);
}

/** What an action's error says; fails where it throws none. */
export function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Error && error.name === "ConfigError") return error.message;
    throw error;
  }
  throw new Error("expected a ConfigError");
}
