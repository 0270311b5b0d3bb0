import { ConfigError, messageOf } from "../core/error.ts";
import { compileExpressions, type Render } from "./expression.ts";
import type { Condition } from "./play.ts";
import { toBoolean } from "./template_helper.ts";
import { describeNode, type YamlNode } from "./yaml_node.ts";

interface Clause {
  readonly node: YamlNode;
  readonly render: Render;
}

/** Compiles `when` and the like: one expression without braces, true or false, or a list of them, evaluated up to the first false. */
export function compileCondition(node: YamlNode): Condition {
  const clauses = (node.kind === "list" ? node.items : [node]).map(compileClause);
  return {
    position: node.position,
    source: clauses.map(({ node: clause }) => (clause.kind === "scalar" ? clause.text : "")).join(", "),
    evaluate: (vars) => clauses.every((clause) => isTrue(clause, clause.render(vars))),
  };
}

function compileClause(node: YamlNode): Clause {
  if (node.kind === "scalar" && typeof node.value === "boolean") return constantClause(node, node.value);
  if (node.kind !== "scalar" || typeof node.value !== "string" || node.text.trim() === "")
    throw new ConfigError(`expected an expression, such as eq os.family "debian", not ${describeNode(node)}`, node.position);
  const { value, position } = node;
  if (/\{\{|\}\}/.test(value))
    throw new ConfigError(`a condition is an expression without braces: ${value.replace(/[{}]/g, "").trim()}`, position);
  if (/^\s*[!#/>^&*~]/.test(value))
    throw new ConfigError(`a condition begins with a helper or a variable${/^\s*!/.test(value) ? ", as in: not name" : ""}`, position);
  return { node, render: compileExpressions({ text: `{{${value}}}`, position, expressions: [] }) };
}

const constantClause = (node: YamlNode, value: boolean): Clause => ({ node, render: () => value });

function isTrue({ node }: Clause, value: unknown): boolean {
  try {
    return toBoolean(value);
  } catch (cause) {
    throw new ConfigError(messageOf(cause), node.position, { cause });
  }
}
