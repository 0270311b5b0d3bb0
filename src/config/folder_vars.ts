import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { ConfigError, messageOf } from "../core/error.ts";
import type { FolderVars } from "./inventory_merge.ts";
import { type LocatedVars, locatedVars } from "./located_vars.ts";
import type { SecretSources } from "./secret_sources.ts";
import { readYaml } from "./yaml.ts";

/** In Ansible's order: only the first that is there counts. */
const extensions = ["", ".yml", ".yaml", ".json"];

/** The groups and hosts of an inventory. */
export interface Names {
  readonly groups: Iterable<string>;
  readonly hosts: Iterable<string>;
}

/** Reads `group_vars` and `host_vars` of a folder, as far as they concern these names; neither need be there. Throws a ConfigError for a file that can't be read. */
export async function readFolderVars(folder: string, { groups, hosts }: Names, secrets: SecretSources): Promise<FolderVars> {
  const [groupVars, hostVars] = await Promise.all([
    readVarsFolder(join(folder, "group_vars"), groups, secrets),
    readVarsFolder(join(folder, "host_vars"), hosts, secrets),
  ]);
  return { groups: groupVars, hosts: hostVars };
}

async function readVarsFolder(folder: string, names: Iterable<string>, secrets: SecretSources): Promise<ReadonlyMap<string, LocatedVars>> {
  const found = new Set((await kindOf(folder)) === "folder" ? await list(folder) : []);
  const vars = new Map<string, LocatedVars>();
  for (const name of found.size === 0 ? [] : names) {
    const entry = extensions.map((extension) => name + extension).find((candidate) => found.has(candidate));
    if (entry !== undefined) vars.set(name, await readVars(join(folder, entry), secrets));
  }
  return vars;
}

/** A file's variables, or those of all files of a folder in alphabetical order; a later one wins. */
async function readVars(path: string, secrets: SecretSources): Promise<LocatedVars> {
  const files = (await kindOf(path)) === "folder" ? await filesOf(path) : [path];
  const vars = new Map();
  for (const file of files) for (const [name, value] of locatedVars(await readYaml(file, secrets), secrets)) vars.set(name, value);
  return vars;
}

/** Hidden files, backups and other extensions don't count; folders only where their name has no extension. */
async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of (await list(folder)).filter((name) => !name.startsWith(".") && !name.endsWith("~"))) {
    const path = join(folder, entry);
    const kind = extensions.includes(extname(entry)) ? await kindOf(path) : undefined;
    if (kind === "folder" && extname(entry) === "") files.push(...(await filesOf(path)));
    if (kind === "file") files.push(path);
  }
  return files;
}

async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return "folder";
  return found?.isFile() ? "file" : undefined;
}

async function list(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new ConfigError(`cannot read the folder ${folder}: ${messageOf(cause)}`, undefined, { cause });
  });
  return names.sort();
}
