import { ConfigError } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { parseAddress } from "./host_address.ts";
import { hostsOfGroup, type Inventory } from "./inventory.ts";

type Sign = "" | "&" | "!";

/** `web[0]`, `web[-1]`, `web[0:2]`, `web[1:]`; Ansible still reads `web[0-2]` as a subscript, too, and not as a wildcard. */
const subscript = /^(?<word>[^~].*)\[(?:(?<index>-?\d+)|(?<first>\d+)[:-](?<last>\d*))\]$/s;

/**
 * The hosts of a pattern, narrowed by a limit (a pattern, too), in the order of the pattern's terms.
 * Throws a ConfigError for a term that matches nothing and for an empty selection, unless that is allowed.
 */
export function selectHosts(inventory: Inventory, pattern: string, limit?: string, { allowEmpty = false } = {}): string[] {
  const selected = matchPattern(inventory, pattern, allowEmpty);
  const within = limit === undefined ? undefined : new Set(matchPattern(inventory, limit, allowEmpty));
  const hosts = within === undefined ? selected : selected.filter((host) => within.has(host));
  if (hosts.length > 0 || allowEmpty) return hosts;
  const words = limit === undefined ? `"${pattern}"` : `"${pattern}" limited to "${limit}"`;
  throw new ConfigError(`no host is left of ${words}: see "kofleet hosts --graph", or give --allow-empty if that is meant`);
}

function matchPattern(inventory: Inventory, pattern: string, allowEmpty: boolean): string[] {
  const terms = splitPattern(inventory, pattern).map(signedTerm);
  const words = (sign: Sign) => terms.filter((term) => term.sign === sign).map(({ word }) => matchTerm(inventory, word, allowEmpty));
  const wanted = terms.some(({ sign }) => sign === "") ? words("") : [hostsOfGroup(inventory, "all")];
  const required = words("&").map((hosts) => new Set(hosts));
  const excluded = new Set(words("!").flat());
  return [...new Set(wanted.flat())].filter((host) => required.every((hosts) => hosts.has(host)) && !excluded.has(host));
}

/** The terms of a pattern. Any comma: split on commas only; otherwise on colons and blanks outside of brackets. A host's name or an address with colons is one term. */
export function splitPattern(inventory: Inventory, pattern: string): string[] {
  if (pattern.includes(",")) return pattern.split(",").flatMap((term) => term.trim() || []);
  if (inventory.hosts.has(pattern) || parseAddress(pattern) !== undefined) return [pattern];
  return pattern.match(/(?:\[[^\]]*\]|[^\s:[\]])+/g) ?? [];
}

function signedTerm(term: string): { sign: Sign; word: string } {
  if (term.startsWith("&")) return { sign: "&", word: term.slice(1) };
  return term.startsWith("!") ? { sign: "!", word: term.slice(1) } : { sign: "", word: term };
}

function matchTerm(inventory: Inventory, term: string, allowEmpty: boolean): readonly string[] {
  const parts = inventory.hosts.has(term) ? undefined : subscript.exec(term)?.groups;
  const word = parts?.word ?? term;
  const hosts = matchWord(inventory, word);
  if (hosts === undefined && !allowEmpty) throw noMatch(inventory, word);
  if (hosts === undefined) return [];
  return parts === undefined ? hosts : applySubscript(hosts, term, parts, allowEmpty);
}

/** Groups first; hosts where no group has the name, or where it holds a dot or a wildcard. Undefined: nothing has it. */
function matchWord(inventory: Inventory, word: string): readonly string[] | undefined {
  const expression = wordExpression(word);
  const matching = (names: ReadonlyMap<string, unknown>): string[] =>
    expression === undefined ? [word].filter((name) => names.has(name)) : [...names.keys()].filter((name) => expression.test(name));
  const groups = matching(inventory.groups);
  const hosts = groups.length === 0 || /^~|[.?*[]/.test(word) ? matching(inventory.hosts) : [];
  if (groups.length === 0 && hosts.length === 0) return undefined;
  return [...new Set([...groups.flatMap((group) => hostsOfGroup(inventory, group)), ...hosts])];
}

/** What a word with wildcards or a `~regex` means; undefined for a plain name. */
function wordExpression(word: string): RegExp | undefined {
  if (!/^~|[?*[]/.test(word)) return undefined;
  try {
    return new RegExp(word.startsWith("~") ? `^(?:${word.slice(1)})` : `^${globSource(word)}$`);
  } catch (cause) {
    throw new ConfigError(`"${word}" cannot be read as a ${word.startsWith("~") ? "regular expression" : "wildcard"}`, undefined, {
      cause,
    });
  }
}

/** Shell wildcards: `*`, `?`, `[a-c]`, `[!x]`; a bracket that never closes stands for itself. */
const globSource = (word: string): string =>
  word.replace(/\[(!?)(\][^\]]*|[^\]]+)\]|[\s\S]/g, (token, not?: string, set?: string) => {
    if (set !== undefined) return `[${not === "!" ? "^" : ""}${set.replace(/[\\\]^[]/g, "\\$&")}]`;
    if (token === "*") return "[\\s\\S]*";
    return token === "?" ? "[\\s\\S]" : token.replace(/[\\^$.|+()[\]{}/]/g, "\\$&");
  });

function applySubscript(
  hosts: readonly string[],
  term: string,
  parts: Record<string, string | undefined>,
  allowEmpty: boolean,
): readonly string[] {
  const { index, first, last } = parts;
  const chosen =
    index === undefined
      ? hosts.slice(Number(first), last === "" ? undefined : Number(last) + 1)
      : hosts.slice(Number(index)).slice(0, Number(index) >= -hosts.length ? 1 : 0);
  if (chosen.length > 0 || allowEmpty) return chosen;
  throw new ConfigError(`"${term}" is beyond its ${hosts.length} hosts, which count from 0`);
}

function noMatch(inventory: Inventory, word: string): ConfigError {
  const names = [...inventory.groups.keys(), ...inventory.hosts.keys()];
  return new ConfigError(`no group or host matches "${word}"${didYouMean(word, names)}`);
}
