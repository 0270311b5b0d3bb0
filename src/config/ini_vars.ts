import { ConfigError, type Position } from "../core/error.ts";
import { isSecretVar } from "./connection_vars.ts";
import { type LocatedVars, locatedVars } from "./located_vars.ts";
import { plainNode } from "./plain_node.ts";
import { pythonLiteral } from "./python_literal.ts";
import type { SecretSources } from "./secret_sources.ts";
import type { YamlEntry } from "./yaml_node.ts";

/** A `key=value` of an INI inventory, and where it stands. */
export interface IniPair {
  readonly text: string;
  readonly position: Position;
}

/** The variables that pairs say; a later one wins. */
export function iniVars(pairs: readonly IniPair[], secrets: SecretSources): LocatedVars {
  const [first] = pairs;
  if (first === undefined) return new Map();
  return locatedVars({ kind: "map", position: first.position, entries: new Map(pairs.map(readPair)) }, secrets);
}

function readPair({ text, position }: IniPair): readonly [string, YamlEntry] {
  const [, name, value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new ConfigError(`"${text}" is no variable: write name=value`, position);
  return [name, { position, value: plainNode(iniValue(name, value), position) }];
}

/** A literal of Python means its value, any other text itself. A password is not evaluated: 0x10 and 1e5 are passwords, too. */
function iniValue(name: string, text: string): unknown {
  const literal = pythonLiteral(text);
  if (literal === undefined || (isSecretVar(name) && typeof literal.value !== "string")) return text;
  return literal.value;
}
