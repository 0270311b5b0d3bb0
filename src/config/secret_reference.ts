import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError, messageOf, type Position } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { absolutePath } from "./readers.ts";
import type { SecretSources } from "./secret_sources.ts";

/** Where a secret is written: relative paths begin at the folder. */
export interface SecretPlace {
  readonly folder: string;
  readonly position?: Position;
}

/** The place of a secret in a file. */
export const secretPlace = (position: Position): SecretPlace => ({ folder: dirname(position.file), position });

/** The name in a text that is nothing but `{{name}}`. */
export const variableNamed = (text: string): string | undefined => /^\s*\{\{\s*([A-Za-z_]\w*)\s*\}\}\s*$/.exec(text)?.[1];

/**
 * A secret as users write it: `env:NAME`, `file:PATH`, or the secret itself; a text where it is `{{name}}`, another variable of the host.
 * What it points at is looked up when it is first revealed. Throws a ConfigError for other expressions; revealing does where there is
 * no such variable or file, or a file that everybody may read.
 */
export function readSecret(text: string, place: SecretPlace, sources: SecretSources): Secret | string {
  if (variableNamed(text) !== undefined) return text;
  if (text.includes("{{"))
    throw new ConfigError("an expression is not evaluated here: write {{name}}, a !vault value, env:NAME or file:PATH", place.position);
  const [, kind, name = ""] = /^(env|file):(.*)$/s.exec(text) ?? [];
  if (kind === "env") return new Secret(() => ofVariable(name, place, sources));
  if (kind === "file") return new Secret(() => ofFile(name, place, sources));
  return new Secret(text);
}

function ofVariable(name: string, { position }: SecretPlace, { environment }: SecretSources): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value !== undefined && value !== "") return value;
  throw new ConfigError(`the environment variable ${name} is ${value === "" ? "empty" : "not set"}: export it before kofleet`, position);
}

function ofFile(name: string, { folder, position }: SecretPlace, { home }: SecretSources): string {
  const path = absolutePath(name, folder, home);
  const { mode, text } = look(path, position);
  if ((mode & 0o004) !== 0) throw new ConfigError(`everybody on this machine may read the secret in ${path}: chmod o-r it`, position);
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw new ConfigError(`the file ${path} is empty: it should hold a secret`, position);
  return value;
}

function look(path: string, position: Position | undefined): { readonly mode: number; readonly text: string } {
  try {
    return { mode: statSync(path).mode, text: readFileSync(path, "utf8") };
  } catch (cause) {
    throw new ConfigError(`cannot read the secret in ${path}: ${messageOf(cause)}`, position, { cause });
  }
}
