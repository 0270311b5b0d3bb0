import { resolve } from "node:path";
import type { Vars } from "../config/play.ts";
import { ConfigError } from "../core/error.ts";

/** Reads the values of `-e`: `key=value`, a JSON map, or `@FILE` with a YAML map; a later one wins. */
export async function parseExtraVars(texts: readonly string[], cwd: string): Promise<Vars> {
  const vars: Record<string, unknown> = {};
  for (const text of texts) Object.assign(vars, await parseOne(text, cwd));
  return vars;
}

async function parseOne(text: string, cwd: string): Promise<Vars> {
  if (text.startsWith("@")) return readVarsFile(resolve(cwd, text.slice(1)));
  if (text.startsWith("{")) return parseMap(text);
  const [, key, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text) ?? [];
  if (key === undefined) throw new ConfigError(`-e ${text}: expected key=value, a JSON map, or @FILE`);
  return { [key]: value };
}

async function readVarsFile(path: string): Promise<Vars> {
  const { readYaml } = await import("../config/yaml.ts");
  const { plain } = await import("../config/yaml_node.ts");
  const value = plain(await readYaml(path));
  if (isMap(value)) return value;
  throw new ConfigError(`${path}: expected a map of variables`);
}

function parseMap(text: string): Vars {
  try {
    const value: unknown = JSON.parse(text);
    if (isMap(value)) return value;
  } catch (cause) {
    throw new ConfigError(`-e ${text}: not valid JSON`, undefined, { cause });
  }
  throw new ConfigError(`-e ${text}: expected a map`);
}

const isMap = (value: unknown): value is Vars => typeof value === "object" && value !== null && !Array.isArray(value);
