/**
 * Host names as clush and nodeset write them: `web[01-03,07],db1`. Padding is kept, several numbers multiply (`rack[1-2]n[1-8]`),
 * and expanding the result gives exactly these names. Sorted by name, numbers by value.
 */
export function foldHosts(names: Iterable<string>): string {
  let nodes = [...new Set(names)].map(parse).sort(byName);
  const most = Math.max(0, ...nodes.map((node) => node.numbers.length));
  for (let fromEnd = 1; fromEnd <= most; fromEnd++) nodes = foldNumber(nodes, fromEnd);
  return nodes.map(format).join(",");
}

/** The folded names, several of them with their number: `web[01-20],db1 (21)`. */
export function foldCounted(names: Iterable<string>): string {
  const unique = new Set(names);
  return unique.size === 1 ? foldHosts(unique) : `${foldHosts(unique)} (${unique.size})`;
}

/** `texts[0] numbers[0] texts[1] … texts[n]`, where each number is one or more values as ranges. */
interface Node {
  readonly texts: readonly string[];
  readonly numbers: readonly (readonly string[])[];
}

/** Longer runs of digits are cut, so that every number is exact. */
function parse(name: string): Node {
  const parts = name.split(/(\d{1,15})/);
  return {
    texts: parts.filter((_, index) => index % 2 === 0),
    numbers: parts.filter((_, index) => index % 2 === 1).map((number) => [number]),
  };
}

function byName(a: Node, b: Node): number {
  for (const [index, text] of a.texts.entries()) {
    const other = b.texts[index] ?? "";
    if (text !== other) return text < other ? -1 : 1;
    const [number = "", otherNumber = ""] = [a.numbers[index]?.[0], b.numbers[index]?.[0]];
    const difference = Number(number) - Number(otherNumber) || number.length - otherNumber.length;
    if (difference !== 0) return difference;
  }
  return a.texts.length - b.texts.length;
}

/** Joins the nodes that differ in nothing but this number. */
function foldNumber(nodes: readonly Node[], fromEnd: number): Node[] {
  const groups = new Map<string, Node>();
  for (const node of nodes) {
    const at = node.numbers.length - fromEnd;
    const values = node.numbers[at];
    const key = JSON.stringify(values === undefined ? node : { ...node, numbers: node.numbers.with(at, []) });
    const joined = groups.get(key);
    groups.set(
      key,
      joined === undefined || values === undefined
        ? node
        : { ...node, numbers: node.numbers.with(at, [...(joined.numbers[at] ?? []), ...values]) },
    );
  }
  return [...groups.values()];
}

const format = ({ texts, numbers }: Node): string =>
  texts.map((text, index) => text + (numbers[index] === undefined ? "" : formatNumber(numbers[index]))).join("");

function formatNumber(values: readonly string[]): string {
  return values.length === 1 ? values.join("") : `[${ranges(values).join(",")}]`;
}

/** Runs of successors as `first-last`; the first one's leading zeros are the padding of all. */
function ranges(values: readonly string[]): string[] {
  const runs: { readonly first: string; last: string }[] = [];
  for (const value of [...values].sort(byPaddingAndValue)) {
    const run = runs.at(-1);
    if (run !== undefined && value === successor(run.first, run.last)) run.last = value;
    else runs.push({ first: value, last: value });
  }
  return runs.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
}

const successor = (first: string, last: string): string => String(Number(last) + 1).padStart(first.startsWith("0") ? first.length : 0, "0");

const padding = (value: string): number => (value.startsWith("0") ? value.length : 0);
const byPaddingAndValue = (a: string, b: string): number => Number(a) - Number(b) || padding(a) - padding(b);
