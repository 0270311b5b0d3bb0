import { ConfigError } from "../core/error.ts";
import type { AnyFleetTask, AnyTask } from "../core/task.ts";
import type { Template } from "./play.ts";
import { objectKeys, objectsOf, readValue, unknownKey } from "./shape.ts";
import { compilePlaced, compileTemplate, constantTemplate, listTemplate } from "./template.ts";
import { splitWords } from "./words.ts";
import { describeNode, isEmpty, type YamlMap, type YamlNode, type YamlScalar } from "./yaml_node.ts";

type TaskOfAnyKind = AnyTask | AnyFleetTask;

/** A task's arguments: the template, and the check of what it renders to. */
export interface CompiledArgs {
  readonly args: Template;
  parseArgs(rendered: unknown): unknown;
}

/** Tasks that may be written as one line, and what its words become. */
const oneLiners: Readonly<Record<string, (words: readonly Template[], node: YamlScalar) => Template>> = {
  command: (words, node) => recordTemplate({ argv: listTemplate(words, node.position) }, node),
  script: ([path, ...args], node) =>
    recordTemplate({ path: path ?? constantTemplate("", node.position), args: listTemplate(args, node.position) }, node),
};

/** Compiles the arguments of a task and checks what can be checked before any host is asked: keys, and values without expressions. */
export function compileArgs(task: TaskOfAnyKind, node: YamlNode): CompiledArgs {
  const args = argsTemplate(task, node);
  const parseArgs = (rendered: unknown): unknown => readValue(task.args, rendered, node, task.name);
  if (args.isConstant) parseArgs(args.render({}));
  else if (node.kind === "map") checkMap(task, node);
  return { args, parseArgs };
}

function argsTemplate(task: TaskOfAnyKind, node: YamlNode): Template {
  if (isEmpty(node)) return constantTemplate({}, node.position);
  const oneLiner = Object.hasOwn(oneLiners, task.name) ? oneLiners[task.name] : undefined;
  if (node.kind === "scalar" && oneLiner) return oneLiner(wordTemplates(task, node), node);
  const template = compileTemplate(node);
  if (node.kind !== "map" && template.isConstant)
    throw new ConfigError(`${task.name} takes a map of ${objectKeys(task.args).join(", ")}, not ${describeNode(node)}`, node.position);
  return template;
}

function wordTemplates(task: TaskOfAnyKind, { text, position, expressions }: YamlScalar): Template[] {
  const words = splitWords({ text, position, expressions });
  if (words.length === 0) throw new ConfigError(`${task.name} needs a command`, position);
  return words.map(compilePlaced);
}

const recordTemplate = (entries: Readonly<Record<string, Template>>, { position }: YamlScalar): Template => ({
  position,
  isConstant: Object.values(entries).every(({ isConstant }) => isConstant),
  render: (vars) => Object.fromEntries(Object.entries(entries).map(([key, template]) => [key, template.render(vars)])),
});

function checkMap(task: TaskOfAnyKind, node: YamlMap): void {
  const keys = objectKeys(task.args);
  for (const [key, { position }] of node.entries)
    if (keys.length > 0 && !keys.includes(key)) throw new ConfigError(unknownKey(task.name, key, keys), position);
  const [object, ...others] = objectsOf(task.args);
  if (object === undefined || others.length > 0) return;
  for (const [key, schema] of Object.entries(object.shape)) {
    const entry = node.entries.get(key);
    const template = entry && compileTemplate(entry.value);
    if (template === undefined || template.isConstant)
      readValue(schema, template?.render({}), entry?.value ?? node, `${task.name}: ${key}`);
  }
}
