import { readdir, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { ConfigError, messageOf } from "../core/error.ts";
import { draftHostEntry } from "./host_entry.ts";
import { draftGroup, type InventoryDraft } from "./inventory_draft.ts";
import { draftInventoryIni } from "./inventory_ini.ts";
import { draftInventoryYaml } from "./inventory_yaml.ts";
import { isProgram } from "./program.ts";
import { readTextFile } from "./text_file.ts";
import { parseYaml } from "./yaml.ts";

/** What Ansible leaves out of an inventory folder; INI files count only without an extension, or with another one. */
const ignored = /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;
const yamlExtensions = [".yaml", ".yml", ".json"];
/** The first line that counts is `---`, a directive, a flow map, or a key with its colon: none of them can begin an INI inventory. */
const yamlBeginning = /^(?:\s*(?:#.*)?\n)*(?:---|%YAML|\{|(?:"[^"\n]*"|'[^'\n]*'|[^\s"'#;[{][^\s:]*)\s*:(?:\s|$))/;

/**
 * Adds what one `-i` names to a draft: a folder of inventories in alphabetical order, a program, a file in YAML, JSON or INI, or hosts with commas.
 * Throws a ConfigError with its place. Returns the folder whose `group_vars` and `host_vars` belong to it, if there is one.
 */
export async function draftSource(draft: InventoryDraft, source: string): Promise<string | undefined> {
  const found = await stat(source).catch((cause: unknown) => {
    if (source.includes(",")) return undefined;
    throw new ConfigError(`cannot read ${source}: ${messageOf(cause)} (a host's own name needs a comma: -i ${source},)`, undefined, {
      cause,
    });
  });
  if (found === undefined) {
    draftHostList(draft, source);
    return undefined;
  }
  if (!found.isDirectory()) {
    await draftFile(draft, source);
    return dirname(source);
  }
  const files = await inventoryFiles(source);
  if (files.length === 0)
    throw new ConfigError(`the folder ${source} holds no inventory: names that end in .ini, .cfg, .txt or .md don't count`);
  for (const file of files) await draftFile(draft, file);
  return source;
}

/** `h1,h2:2222`: hosts of the group "ungrouped". */
function draftHostList(draft: InventoryDraft, source: string): void {
  for (const { index, 0: entry } of source.matchAll(/[^\s,]+/g))
    draftHostEntry(draft, draftGroup(draft, "ungrouped"), entry, { file: `-i ${source}`, line: 1, column: index + 1 }, new Map());
}

async function inventoryFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(unreadable(folder));
  const files: string[] = [];
  for (const name of names.filter((entry) => !ignored.test(entry)).sort()) {
    const path = join(folder, name);
    const found = await stat(path).catch(unreadable(path));
    files.push(...(found.isDirectory() ? await inventoryFiles(path) : [path]));
  }
  return files;
}

async function draftFile(draft: InventoryDraft, path: string): Promise<void> {
  if (extname(path) === ".toml") throw new ConfigError(`${path}: TOML is not read: write the inventory as YAML or INI`);
  if (await isProgram(path)) await (await import("./inventory_script.ts")).draftInventoryScript(draft, path);
  else await draftText(draft, path);
}

async function draftText(draft: InventoryDraft, path: string): Promise<void> {
  const { text, isEncrypted } = await readTextFile(path, draft.secrets);
  try {
    if (isYaml(extname(path), text)) draftInventoryYaml(draft, parseYaml(text, path, draft.secrets));
    else draftInventoryIni(draft, text, path);
  } catch (error) {
    // Messages quote what they complain of.
    if (isEncrypted && error instanceof ConfigError) throw new ConfigError("what is encrypted here is no valid inventory", error.position);
    throw error;
  }
}

const isYaml = (extension: string, text: string): boolean =>
  yamlExtensions.includes(extension) || (extension === "" && yamlBeginning.test(text));

const unreadable =
  (path: string) =>
  (cause: unknown): never => {
    throw new ConfigError(`cannot read ${path}: ${messageOf(cause)}`, undefined, { cause });
  };
