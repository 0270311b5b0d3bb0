import { ConfigError, type Position } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { isSecretVar } from "./connection_vars.ts";
import { readSecret, secretPlace } from "./secret_reference.ts";
import type { SecretSources } from "./secret_sources.ts";
import { isEmpty, plain, type YamlNode } from "./yaml_node.ts";

/** A variable's value and where it was written. */
export interface LocatedValue {
  readonly value: unknown;
  readonly position?: Position;
}

/** Variables by name. */
export type LocatedVars = ReadonlyMap<string, LocatedValue>;

/** The variables of a map; nothing written means none. Passwords, and what Ansible Vault encrypted in JSON, become Secrets here, before anything else sees them. */
export function locatedVars(node: YamlNode, secrets: SecretSources): LocatedVars {
  if (isEmpty(node)) return new Map();
  if (node.kind !== "map") throw new ConfigError("variables are a map: name: value", node.position);
  return new Map([...node.entries].map(([name, { position, value }]) => [name, { position, value: varValue(name, value, secrets) }]));
}

function varValue(name: string, node: YamlNode, secrets: SecretSources): unknown {
  const encrypted = node.kind === "map" && node.entries.size === 1 ? node.entries.get("__ansible_vault")?.value : undefined;
  if (encrypted?.kind === "scalar") return secrets.vault.secret(encrypted.text, encrypted.position);
  if (!isSecretVar(name)) return plain(node);
  if (node.kind !== "scalar") throw new ConfigError(`${name} must be text`, node.position);
  if (node.value === null || node.value instanceof Secret) return node.value;
  return readSecret(node.text, secretPlace(node.position), secrets);
}
