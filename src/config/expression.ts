import Handlebars from "handlebars";
import { ConfigError, messageOf, type Position } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { inner, strictTree, TreeFault } from "./expression_tree.ts";
import type { Vars } from "./play.ts";
import { callHelper, templateHelpers, toText } from "./template_helper.ts";
import { findPath, lookUp } from "./template_lookup.ts";

/** A text with expressions, and where it stands: its beginning, and each `{{` in it. */
export interface PlacedText {
  readonly text: string;
  readonly position: Position;
  readonly expressions: readonly Position[];
}

/** Makes a text, or the one typed value it consists of, from variables; a text with a secret in it is a Secret as a whole. Throws a ConfigError at the expression that failed. */
export type Render = (vars: Vars) => unknown;

/** What one rendering yields beside its text. */
interface Output {
  value?: unknown;
  holdsSecret?: boolean;
}

const names = Object.keys(templateHelpers);
const handlebars = engine();

/** Compiles a text. Throws a ConfigError for what is no expression, and for helpers that don't exist or get the wrong number of arguments. */
export function compileExpressions(placed: PlacedText): Render {
  const { tree, isTyped } = located(placed, () => strictTree(parse(placed)));
  const knownHelpers: KnownHelpers = Object.fromEntries([...names, ...Object.values(inner)].map((name) => [name, true]));
  const run = handlebars.compile(tree, { strict: true, noEscape: true, knownHelpersOnly: true, knownHelpers });
  return (vars) => {
    const clash = names.find((name) => Object.hasOwn(vars, name));
    if (clash !== undefined) throw new ConfigError(`the variable "${clash}" is named like a helper: rename it`, placed.position);
    const output: Output = {};
    const text = located(placed, () => run(vars, { data: { output } }));
    if (isTyped) return output.value;
    return output.holdsSecret ? new Secret(text) : text;
  };
}

function parse({ text, position }: PlacedText): hbs.AST.Program {
  try {
    return Handlebars.parse(text);
  } catch (cause) {
    const isInfix = /[=<>!|]=?/.test(text.replace(/"[^"]*"|'[^']*'/g, ""));
    const hint = isInfix ? ': a helper stands before its arguments, as in: eq os.family "debian"' : "";
    throw new ConfigError(`this is no valid expression${hint}`, position, { cause });
  }
}

/** Runs an action and gives what goes wrong in it its place in the file. */
function located<T>(placed: PlacedText, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof ConfigError && cause.position !== undefined) throw cause;
    const loc = cause instanceof TreeFault ? cause.loc : undefined;
    throw new ConfigError(messageOf(cause), placeOf(placed, loc), { cause });
  }
}

/** The place of the expression around a location: the last `{{` before it. */
function placeOf({ text, position, expressions }: PlacedText, loc: hbs.AST.SourceLocation | undefined): Position {
  if (loc === undefined) return position;
  const before = text.split("\n").slice(0, loc.start.line - 1);
  const offset = before.reduce((sum, line) => sum + line.length + 1, 0) + loc.start.column;
  const count = [...text.slice(0, offset + 2).matchAll(/\{\{/g)].length;
  return expressions[Math.max(0, count - 1)] ?? position;
}

function engine(): typeof Handlebars {
  const own = Handlebars.create();
  for (const [name, helper] of Object.entries(templateHelpers)) register(own, name, (args) => callHelper(name, helper, args));
  register(own, inner.strict, ([data, ...parts]) => lookUp(data, parts.map(String)));
  register(own, inner.lenient, ([data, ...parts]) => findPath(data, parts.map(String)));
  register(own, inner.text, ([value], output) => {
    if (value instanceof Secret) output.holdsSecret = true;
    return toText(value);
  });
  register(own, inner.typed, ([value], output) => {
    output.value = value;
    return "";
  });
  return own;
}

/** Registers a helper whose faults know the place of its call. */
function register(own: typeof Handlebars, name: string, run: (args: readonly unknown[], output: Output) => unknown): void {
  own.registerHelper(name, (...received) => {
    const options: CallOptions = received.at(-1);
    try {
      return run(received.slice(0, -1), options.data.output);
    } catch (cause) {
      throw new TreeFault(messageOf(cause), options.loc);
    }
  });
}

/** What Handlebars hands each helper behind its arguments. */
interface CallOptions {
  readonly loc: hbs.AST.SourceLocation;
  readonly data: { readonly output: Output };
}
