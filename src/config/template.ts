import { ConfigError, type Position } from "../core/error.ts";
import { compileExpressions, type PlacedText } from "./expression.ts";
import type { Template, Vars } from "./play.ts";
import { plain, type YamlMap, type YamlNode } from "./yaml_node.ts";

/** A value without expressions. */
export const constantTemplate = (value: unknown, position: Position): Template => ({ position, isConstant: true, render: () => value });

/** Compiles every text within a value of a user's file. Throws a ConfigError at what is no expression. */
export function compileTemplate(node: YamlNode): Template {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string"
        ? compilePlaced({ text: node.value, position: node.position, expressions: node.expressions })
        : constantTemplate(node.value, node.position);
    case "list":
      return listTemplate(node.items.map(compileTemplate), node.position);
    case "map":
      return mapTemplate(node);
    default:
      return node satisfies never;
  }
}

/** Compiles a text that stands for itself, such as a template's file. */
export function compileText(text: string, file: string): Template {
  const expressions = [...text.matchAll(/\{\{/g)].map(({ index }) => {
    const lines = text.slice(0, index).split("\n");
    return { file, line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
  });
  return compilePlaced({ text, position: { file, line: 1, column: 1 }, expressions });
}

/** Compiles a text that knows its place; without expressions it is what it is. */
export function compilePlaced(placed: PlacedText): Template {
  if (!placed.text.includes("{{")) return constantTemplate(placed.text, placed.position);
  return { position: placed.position, isConstant: false, render: compileExpressions(placed) };
}

/** A list whose items are rendered one by one. */
export function listTemplate(items: readonly Template[], position: Position): Template {
  const render = (vars: Vars): unknown[] => items.map((item) => item.render(vars));
  return { position, isConstant: items.every(({ isConstant }) => isConstant), render };
}

function mapTemplate(node: YamlMap): Template {
  for (const [key, { position }] of node.entries)
    if (key.includes("{{")) throw new ConfigError(`a key is never an expression: ${key}`, position);
  const entries = [...node.entries].map(([key, { value }]): [string, Template] => [key, compileTemplate(value)]);
  const isConstant = entries.every(([, value]) => value.isConstant);
  if (isConstant) return constantTemplate(plain(node), node.position);
  return {
    position: node.position,
    isConstant,
    render: (vars) => Object.fromEntries(entries.map(([key, value]) => [key, value.render(vars)])),
  };
}
