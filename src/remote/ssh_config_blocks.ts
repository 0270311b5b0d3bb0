import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { expandGlob } from "./glob.ts";
import { wildcard } from "./wildcard.ts";

/** A Host line of OpenSSH's configuration, as far as it decides which hosts get the same answer. */
interface Block {
  readonly patterns: readonly string[];
  /** Whether it gives its hosts another name: then each of them may have its own. */
  renames: boolean;
}

/** Which hosts OpenSSH's configuration says the same of. */
export interface SshConfigBlocks {
  /** Two hosts of one word get the same answer but for their own name. */
  keyOf(host: string): string;
}

/** Directives whose tokens `ssh -G` leaves alone, or that nobody reads here. */
const unexpanded: ReadonlySet<string> = new Set(
  "identityfile certificatefile proxycommand controlpath localcommand remotecommand knownhostscommand".split(" "),
);

const deepestInclude = 16;

/** Reads configuration files only to tell who gets the same answer; `home` is the user's .ssh, where includes begin. Undefined where that can't be told and each host must be asked about. */
export async function readBlocks(files: readonly string[], home: string): Promise<SshConfigBlocks | undefined> {
  const general: Block = { patterns: ["*"], renames: false };
  const blocks = [general];
  try {
    for (const file of files)
      await readFileInto(blocks, file, general, { folder: file.startsWith("/etc/ssh/") ? "/etc/ssh" : home, depth: 0 });
  } catch {
    return undefined;
  }
  const matchers = blocks.map(({ patterns, renames }) => ({ matches: patternList(patterns), renames }));
  return {
    keyOf(host) {
      const matched = matchers.filter(({ matches }) => matches(host));
      return [...matched.map((block) => matchers.indexOf(block)), ...(matched.some(({ renames }) => renames) ? [host] : [])].join(" ");
    },
  };
}

/** Where a file stands: relative names of its includes begin at the folder. */
interface Place {
  readonly folder: string;
  readonly depth: number;
}

async function readFileInto(blocks: Block[], file: string, outer: Block, place: Place): Promise<void> {
  let block = outer;
  for (const line of (await readFile(file, "utf8")).split("\n")) {
    const [, word = "", rest = ""] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    const keyword = word.toLowerCase();
    if (keyword === "include")
      for (const included of await includesOf(rest, place)) await readFileInto(blocks, included, block, deeper(place));
    else if (keyword === "host") {
      block = { patterns: wordsOf(rest), renames: false };
      blocks.push(block);
    } else meet(block, keyword, rest);
  }
}

function deeper({ folder, depth }: Place): Place {
  if (depth === deepestInclude) throw new Error("too many levels of Include");
  return { folder, depth: depth + 1 };
}

/** Throws where a directive makes answers depend on more than the names in Host lines. */
function meet(block: Block, keyword: string, value: string): void {
  const isOpen =
    (keyword === "match" && value.toLowerCase() !== "all") ||
    (keyword === "canonicalizehostname" && value.toLowerCase() !== "no") ||
    (value.includes("%") && !unexpanded.has(keyword));
  if (isOpen) throw new Error(`${keyword} ${value}`);
  if (keyword === "hostname") block.renames = true;
}

async function includesOf(value: string, { folder }: Place): Promise<readonly string[]> {
  const names = wordsOf(value);
  if (names.some((name) => /[~%$]/.test(name))) throw new Error(`Include ${value}`);
  return (await Promise.all(names.map((name) => expandGlob(isAbsolute(name) ? name : join(folder, name))))).flat();
}

const wordsOf = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

/** As ssh does it: a negated pattern that matches rules the host out, whatever else matches. */
function patternList(patterns: readonly string[]): (host: string) => boolean {
  const tests = patterns.map((pattern) => ({ isNegated: pattern.startsWith("!"), test: wildcard(pattern.replace(/^!/, "")) }));
  return (host) =>
    tests.some(({ isNegated, test }) => !isNegated && test(host)) && !tests.some(({ isNegated, test }) => isNegated && test(host));
}
