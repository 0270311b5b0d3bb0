import { ConfigError } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import type { TaskRegistry } from "../core/task.ts";
import { ansibleHint } from "./ansible_words.ts";
import type { Play, Serial, Template } from "./play.ts";
import { readFlag, readNumber, readText, readWords } from "./readers.ts";
import type { SecretSources } from "./secret_sources.ts";
import { readTaskEntry } from "./task_entry.ts";
import { compileTemplate } from "./template.ts";
import { checkVariableName } from "./variable_name.ts";
import { readYaml } from "./yaml.ts";
import { describeNode, isEmpty, type YamlMap, type YamlNode } from "./yaml_node.ts";

type Read = (node: YamlNode, registry: TaskRegistry) => Partial<Play>;

const keys: Readonly<Record<string, Read>> = {
  name: (node) => ({ name: readText(node) }),
  hosts: (node) => ({ hosts: readHosts(node) }),
  serial: (node) => ({ serial: readSerial(node) }),
  max_fail_percentage: (node) => ({ maxFailPercentage: readNumber(node, 0, 100) }),
  any_errors_fatal: (node) => (readFlag(node) ? { maxFailPercentage: 0 } : {}),
  become: (node) => ({ become: readFlag(node) }),
  become_user: (node) => ({ becomeUser: readText(node) }),
  vars: (node) => ({ vars: readVars(node) }),
  tasks: (node, registry) => ({ tasks: readTasks(node, registry) }),
  tags: (node) => ({ tags: readWords(node) }),
  confirm: (node) => ({ confirm: readFlag(node) }),
};

/** Reads a playbook whose tasks are in the registry. Throws a ConfigError with its place, before any host is asked. */
export async function loadPlaybook(path: string, registry: TaskRegistry, secrets: SecretSources): Promise<Play[]> {
  return readPlaybook(await readYaml(path, secrets), registry);
}

/** Checks what a playbook's file says. */
export function readPlaybook(root: YamlNode, registry: TaskRegistry): Play[] {
  if (root.kind !== "list" || root.items.length === 0)
    throw new ConfigError(`a playbook is a list of plays; this is ${describeNode(root)}`, root.position);
  return root.items.map((node) => readPlay(node, registry));
}

function readPlay(node: YamlNode, registry: TaskRegistry): Play {
  if (node.kind !== "map") throw new ConfigError(`a play is a map with hosts and tasks; this is ${describeNode(node)}`, node.position);
  const said = [...node.entries].reduce<Partial<Play>>(
    (all, [key, { value }]) => Object.assign(all, playKey(key, node)(value, registry)),
    {},
  );
  const { hosts } = said;
  if (hosts === undefined) throw new ConfigError("a play needs hosts: a pattern such as all", node.position);
  return { position: node.position, name: hosts, vars: {}, tasks: [], tags: [], confirm: false, ...said, hosts };
}

function playKey(key: string, node: YamlMap): Read {
  const read = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (read !== undefined) return read;
  const hint = ansibleHint(key) ?? didYouMean(key, Object.keys(keys));
  throw new ConfigError(`a play has no "${key}"${hint}`, node.entries.get(key)?.position);
}

function readHosts(node: YamlNode): string {
  const hosts = (node.kind === "list" ? node.items : [node]).map(readText).join(",");
  if (hosts.includes("{{")) throw new ConfigError("hosts is a pattern without expressions: narrow it with --limit", node.position);
  return hosts;
}

function readSerial(node: YamlNode): Serial {
  if (node.kind === "scalar" && node.value === "waves") return "waves";
  return (node.kind === "list" ? node.items : [node]).map((item) => {
    if (item.kind === "scalar" && typeof item.value === "number" && Number.isInteger(item.value) && item.value > 0) return item.value;
    const percent = item.kind === "scalar" ? /^(\d+(?:\.\d+)?)%$/.exec(item.text)?.[1] : undefined;
    if (percent !== undefined && Number(percent) > 0 && Number(percent) <= 100) return `${Number(percent)}%` as const;
    throw new ConfigError(
      `serial is a number of hosts, a percentage such as 10%, a list of them, or waves; not ${describeNode(item)}`,
      item.position,
    );
  });
}

function readVars(node: YamlNode): Record<string, Template> {
  if (isEmpty(node)) return {};
  if (node.kind !== "map") throw new ConfigError("variables are a map: name: value", node.position);
  return Object.fromEntries(
    [...node.entries].map(([name, { position, value }]) => [checkVariableName(name, position), compileTemplate(value)]),
  );
}

function readTasks(node: YamlNode, registry: TaskRegistry): Play["tasks"] {
  if (isEmpty(node)) return [];
  if (node.kind !== "list") throw new ConfigError(`tasks are a list; this is ${describeNode(node)}`, node.position);
  return node.items.map((item) => readTaskEntry(item, registry));
}
