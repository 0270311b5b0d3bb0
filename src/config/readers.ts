import { join, resolve } from "node:path";
import { ConfigError } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { describeNode, type YamlNode } from "./yaml_node.ts";

const refuse = (node: YamlNode, expected: string): never => {
  throw new ConfigError(`expected ${expected}, not ${describeNode(node)}`, node.position);
};

/** Text that is not empty. */
export const readText = (node: YamlNode): string =>
  node.kind === "scalar" && typeof node.value === "string" && node.value !== "" ? node.value : refuse(node, "text");

/** A whole number of at least 1. */
export const readCount = (node: YamlNode): number =>
  node.kind === "scalar" && typeof node.value === "number" && Number.isInteger(node.value) && node.value > 0
    ? node.value
    : refuse(node, "a whole number above 0");

/** A number between two others, both included. */
export const readNumber = (node: YamlNode, least: number, most = Number.POSITIVE_INFINITY): number =>
  node.kind === "scalar" && typeof node.value === "number" && node.value >= least && node.value <= most
    ? node.value
    : refuse(node, most === Number.POSITIVE_INFINITY ? `a number of at least ${least}` : `a number from ${least} to ${most}`);

/** Yes or no. */
export const readFlag = (node: YamlNode): boolean =>
  node.kind === "scalar" && typeof node.value === "boolean" ? node.value : refuse(node, "true or false");

/** A list of words, or one text with commas between them. */
export const readWords = (node: YamlNode): string[] =>
  (node.kind === "list" ? node.items : [node]).flatMap((item) => readText(item).split(",")).map((word) => word.trim());

/** One of a few words; the message of the ConfigError names the nearest. */
export function readWord<W extends string>(node: YamlNode, words: readonly W[]): W {
  // As written: YAML 1.1 would make the word off a boolean.
  const text = node.kind === "scalar" ? node.text : readText(node);
  return words.find((word) => word === text) ?? refuse(node, `one of ${words.join(", ")}${didYouMean(text, words)}`);
}

/** A path as an absolute one: `~/` begins at home, a relative one at the folder. */
export const absolutePath = (path: string, folder: string, home: string): string =>
  path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : resolve(folder, path);

/** A path, made absolute. */
export const readPath = (node: YamlNode, folder: string, home: string): string => absolutePath(readText(node), folder, home);

/** One path or a list of them. */
export const readPaths = (node: YamlNode, folder: string, home: string): string[] =>
  (node.kind === "list" ? node.items : [node]).map((item) => readPath(item, folder, home));

/** A number of hosts, or a percentage such as "10%". */
export function readFailureBudget(node: YamlNode): number | `${number}%` {
  if (node.kind === "scalar" && typeof node.value === "number" && Number.isInteger(node.value) && node.value >= 0) return node.value;
  const percent = node.kind === "scalar" ? /^(\d+(?:\.\d+)?)%$/.exec(node.text)?.[1] : undefined;
  return percent !== undefined && Number(percent) <= 100
    ? `${Number(percent)}%`
    : refuse(node, "a number of hosts or a percentage such as 10%");
}
