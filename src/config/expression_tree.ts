import { didYouMean } from "../core/nearest.ts";
import { templateHelpers } from "./template_helper.ts";

/** Names under which the tree calls what users cannot write: they hold blanks. */
export const inner = { typed: "typed value", text: "text value", strict: "strict path", lenient: "lenient path" } as const;

const blocks = ["if", "unless", "each", "with"];
const dataNames = ["root", "index", "key", "first", "last"];

/** A rule of templates was broken at a place of the text. */
export class TreeFault extends Error {
  constructor(
    message: string,
    readonly loc: hbs.AST.SourceLocation | undefined,
  ) {
    super(message);
  }
}

/**
 * Checks a parsed text and rewrites it so that every variable is looked up strictly.
 * Handlebars' own strict mode ignores the arguments of helpers and lets prototypes answer.
 */
export function strictTree(program: hbs.AST.Program): { readonly tree: hbs.AST.Program; readonly isTyped: boolean } {
  const isTyped = program.body.length === 1 && program.body[0]?.type === "MustacheStatement";
  return { tree: rewriteProgram(program, isTyped ? inner.typed : inner.text), isTyped };
}

function rewriteProgram(program: hbs.AST.Program, output: string): hbs.AST.Program {
  if (program.blockParams?.length) throw new TreeFault('"as |name|" is not understood: use this and ../name', program.loc);
  return { ...program, body: program.body.map((statement) => rewriteStatement(statement, output)) };
}

function rewriteStatement(node: hbs.AST.Statement, output: string): hbs.AST.Statement {
  if (node.type === "ContentStatement" || node.type === "CommentStatement") return node;
  if (isMustache(node)) return { ...node, ...call(output, [mustacheValue(node)], node.loc), type: "MustacheStatement" };
  if (isBlock(node)) return rewriteBlock(node);
  throw new TreeFault("partials and decorators are not understood", node.loc);
}

function rewriteBlock(node: hbs.AST.BlockStatement): hbs.AST.BlockStatement {
  const name = node.path.original;
  if (!blocks.includes(name))
    throw new TreeFault(`there is no block "#${name}"${didYouMean(name, blocks)}: ${blocks.join(", ")}`, node.loc);
  if (node.params.length !== 1 || node.hash !== undefined) throw new TreeFault(`#${name} takes one argument`, node.loc);
  return {
    ...node,
    params: node.params.map((param) => rewriteValue(param, inner.strict)),
    program: node.program && rewriteProgram(node.program, inner.text),
    inverse: node.inverse && rewriteProgram(node.inverse, inner.text),
  };
}

function mustacheValue(node: hbs.AST.MustacheStatement): hbs.AST.Expression {
  const { path } = node;
  const isCall = node.params.length > 0 || node.hash !== undefined || (isPath(path) && Object.hasOwn(templateHelpers, path.original));
  if (!isCall) return rewriteValue(path, inner.strict);
  if (!isPath(path)) throw new TreeFault("a helper stands first", node.loc);
  return rewriteCall({ ...node, type: "SubExpression", path });
}

function rewriteValue(node: hbs.AST.Expression, look: string): hbs.AST.Expression {
  if (isPath(node)) return rewritePath(node, look);
  if (isCallNode(node)) return rewriteCall(node);
  if (node.type === "UndefinedLiteral") throw new TreeFault("undefined is no value: use default or defined", node.loc);
  return node;
}

function rewriteCall(node: hbs.AST.SubExpression): hbs.AST.SubExpression {
  const name = node.path.original;
  const helper = Object.hasOwn(templateHelpers, name) ? templateHelpers[name] : undefined;
  if (helper === undefined) throw noHelper(name, node);
  if (node.hash !== undefined) throw new TreeFault(`${name} takes no named arguments`, node.loc);
  const { least, most, isLenient } = helper;
  const given = node.params.length;
  if (given < least || given > most) throw new TreeFault(`${name} takes ${arity(least, most)}, not ${given}`, node.loc);
  return { ...node, params: node.params.map((param) => rewriteValue(param, isLenient ? inner.lenient : inner.strict)) };
}

function noHelper(name: string, node: hbs.AST.SubExpression): TreeFault {
  const second = node.params[0];
  const operator = second && isPath(second) && Object.hasOwn(templateHelpers, second.original) ? second.original : undefined;
  const hint = operator
    ? `: a helper stands before its arguments, as in: ${operator} ${name} …`
    : didYouMean(name, Object.keys(templateHelpers));
  return new TreeFault(`there is no helper "${name}"${hint}`, node.loc);
}

function arity(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return `${least} or more arguments`;
  return least === most ? `${least} argument${least === 1 ? "" : "s"}` : `${least} to ${most} arguments`;
}

/** `a.b` becomes a call that looks "a" and "b" up below the current map; of `@root.a` only the part behind the first is ours. */
function rewritePath(node: hbs.AST.PathExpression, look: string): hbs.AST.Expression {
  const owned = node.parts.find((part) => Object.hasOwn(Object.prototype, part));
  if (owned !== undefined) throw new TreeFault(`"${owned}" belongs to every object: it cannot be a variable`, node.loc);
  const first = node.parts[0] ?? "";
  if (node.data && !dataNames.includes(first))
    throw new TreeFault(
      `there is no "@${first}"${didYouMean(
        `@${first}`,
        dataNames.map((name) => `@${name}`),
      )}`,
      node.loc,
    );
  const own = node.data ? 1 : 0;
  const start: hbs.AST.PathExpression & { strict: true } = { ...node, parts: node.parts.slice(0, own), strict: true };
  const names = node.parts
    .slice(own)
    .map((value): hbs.AST.StringLiteral => ({ type: "StringLiteral", value, original: value, loc: node.loc }));
  return names.length === 0 ? start : call(look, [start, ...names], node.loc);
}

function call(name: string, params: hbs.AST.Expression[], loc: hbs.AST.SourceLocation): hbs.AST.SubExpression {
  const path: hbs.AST.PathExpression = { type: "PathExpression", data: false, depth: 0, parts: [name], original: name, loc };
  return { type: "SubExpression", path, params, hash: { type: "Hash", pairs: [], loc }, loc };
}

const isMustache = (node: hbs.AST.Node): node is hbs.AST.MustacheStatement => node.type === "MustacheStatement";
const isBlock = (node: hbs.AST.Node): node is hbs.AST.BlockStatement => node.type === "BlockStatement";
const isPath = (node: hbs.AST.Node): node is hbs.AST.PathExpression => node.type === "PathExpression";
const isCallNode = (node: hbs.AST.Node): node is hbs.AST.SubExpression => node.type === "SubExpression";
