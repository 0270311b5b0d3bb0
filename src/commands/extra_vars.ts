import { resolve } from "node:path";
import { isSecretVar } from "../config/connection_vars.ts";
import type { Vars } from "../config/play.ts";
import { readSecret } from "../config/secret_reference.ts";
import type { SecretSources } from "../config/secret_sources.ts";
import { ConfigError } from "../core/error.ts";

/** Reads the values of `-e`: `key=value`, a JSON map, or `@FILE` with a YAML map; a later one wins. Passwords become Secrets. */
export async function parseExtraVars(texts: readonly string[], cwd: string, secrets: SecretSources): Promise<Vars> {
  const vars: Record<string, unknown> = {};
  for (const text of texts) Object.assign(vars, await parseOne(text, cwd, secrets));
  return vars;
}

async function parseOne(text: string, cwd: string, secrets: SecretSources): Promise<Vars> {
  if (text.startsWith("@")) return readVarsFile(resolve(cwd, text.slice(1)), secrets);
  const given = text.startsWith("{") ? parseMap(text) : parsePair(text);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, varValue(name, value, cwd, secrets)]));
}

function varValue(name: string, value: unknown, folder: string, secrets: SecretSources): unknown {
  return isSecretVar(name) && value !== null ? readSecret(String(value), { folder }, secrets) : value;
}

async function readVarsFile(path: string, secrets: SecretSources): Promise<Vars> {
  const { readYaml } = await import("../config/yaml.ts");
  const { locatedVars } = await import("../config/located_vars.ts");
  const vars = locatedVars(await readYaml(path, secrets), secrets);
  return Object.fromEntries([...vars].map(([name, { value }]) => [name, value]));
}

/** No message shows what stands behind the "=": it may be a password. */
function parsePair(text: string): Vars {
  const [, key, value] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(text) ?? [];
  if (key === undefined) throw new ConfigError(`-e ${text.replace(/=[\s\S]*/, "=…")}: expected key=value, a JSON map, or @FILE`);
  return { [key]: value };
}

function parseMap(text: string): Vars {
  try {
    const value: unknown = JSON.parse(text);
    if (isMap(value)) return value;
  } catch {
    throw new ConfigError("-e {…: not valid JSON");
  }
  throw new ConfigError("-e {…: expected a map");
}

const isMap = (value: unknown): value is Vars => typeof value === "object" && value !== null && !Array.isArray(value);
