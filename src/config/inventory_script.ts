import pLimit from "p-limit";
import { ConfigError, type Position } from "../core/error.ts";
import { checkGroupName, checkHostName } from "./host_entry.ts";
import { type DraftGroup, draftGroup, draftGroupVars, draftHost, type InventoryDraft } from "./inventory_draft.ts";
import { locatedVars } from "./located_vars.ts";
import { plainNode } from "./plain_node.ts";
import { outputOf } from "./program.ts";
import { readText } from "./readers.ts";
import { describeNode, type YamlMap, type YamlNode } from "./yaml_node.ts";

/** How many programs run at once where one is needed for each host. */
const processes = 8;

/** Seconds that a program may take to answer: what asks a cloud takes some. */
const deadline = 120;

/** Adds what an inventory program answers to `--list`, and to `--host NAME` where its answer has no `_meta`. Throws a ConfigError where it fails. */
export async function draftInventoryScript(draft: InventoryDraft, path: string): Promise<void> {
  const answer = await ask(path, ["--list"]);
  const groups = [...answer.entries].filter(([name]) => name !== "_meta");
  const hosts = new Map(groups.flatMap(([name, { position, value }]) => readGroup(draft, name, position, value)));
  const vars = metaVars(answer) ?? (await askHosts(path, [...hosts.keys()]));
  for (const [host, group] of hosts) draftHost(draft, group, host, locatedVars(vars.get(host) ?? nothing(answer), draft.secrets));
}

/** The answer to one call; none at all is an empty map. */
async function ask(path: string, args: readonly string[]): Promise<YamlMap> {
  const position = { file: path };
  const output = (await outputOf(path, args, deadline)).trim();
  const answer = parseJson(output === "" ? "{}" : output, [path, ...args].join(" "));
  return mapOf(plainNode(answer, position), `${args.join(" ")} should be answered with a JSON object`);
}

function parseJson(text: string, command: string): unknown {
  try {
    return JSON.parse(text, (_, value) => withoutMark(value));
  } catch (cause) {
    // The parser's own message quotes the output, which may hold passwords.
    throw new ConfigError(`${command} printed no valid JSON: look at it with "${command} | jq ."`, undefined, { cause });
  }
}

/** ansible-inventory marks values that are not to be templated; what counts here is the value. */
const withoutMark = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "__ansible_unsafe" in value ? value.__ansible_unsafe : value;

async function askHosts(path: string, hosts: readonly string[]): Promise<ReadonlyMap<string, YamlNode>> {
  const limit = pLimit(processes);
  const answers = hosts.map((host) => limit(async () => [host, await ask(path, ["--host", host])] as const));
  return new Map(await Promise.all(answers));
}

function metaVars(answer: YamlMap): ReadonlyMap<string, YamlNode> | undefined {
  const meta = answer.entries.get("_meta")?.value;
  const vars = meta === undefined ? undefined : mapOf(meta, "_meta is a map").entries.get("hostvars")?.value;
  if (vars === undefined) return undefined;
  return new Map([...mapOf(vars, "_meta.hostvars is a map of hosts").entries].map(([host, { value }]) => [host, value]));
}

/** Reads a group: a list of hosts, a map of hosts, vars and children, or the variables of a host of the same name. Returns its hosts. */
function readGroup(draft: InventoryDraft, name: string, position: Position, node: YamlNode): (readonly [string, DraftGroup])[] {
  const group = draftGroup(draft, checkGroupName(name, position));
  const { hosts, vars, children } = membersOf(name, node);
  const names = hosts === undefined ? [] : textsOf(hosts, `the hosts of "${name}" are a list`);
  for (const host of names) {
    checkHostName(host, position);
    draftHost(draft, group, host, new Map());
  }
  if (vars !== undefined) draftGroupVars(group, locatedVars(vars, draft.secrets));
  for (const child of children === undefined ? [] : textsOf(children, `the children of "${name}" are a list`)) {
    draftGroup(draft, checkGroupName(child, position));
    group.children.set(child, position);
  }
  return names.map((host) => [host, group]);
}

function membersOf(name: string, node: YamlNode): { readonly hosts?: YamlNode; readonly vars?: YamlNode; readonly children?: YamlNode } {
  if (node.kind !== "map") return { hosts: node };
  const [hosts, vars, children] = ["hosts", "vars", "children"].map((key) => node.entries.get(key)?.value);
  if (hosts || vars || children) return { ...(hosts && { hosts }), ...(vars && { vars }), ...(children && { children }) };
  return { hosts: plainNode([name], node.position), vars: node };
}

function textsOf(node: YamlNode, expected: string): readonly string[] {
  if (node.kind === "list") return node.items.map(readText);
  throw new ConfigError(`${expected}; this is ${describeNode(node)}`, node.position);
}

const nothing = ({ position }: YamlMap): YamlNode => plainNode(null, position);

function mapOf(node: YamlNode, expected: string): YamlMap {
  if (node.kind === "map") return node;
  throw new ConfigError(`${expected}; this is ${describeNode(node)}`, node.position);
}
