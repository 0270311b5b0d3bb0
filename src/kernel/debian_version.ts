/** Where a character stands in dpkg's order: "~" before the end, the end before letters, letters before all else. */
function rank(character: string | undefined): number {
  if (character === undefined || /[0-9]/.test(character)) return 0;
  if (character === "~") return -1;
  const code = character.codePointAt(0) ?? 0;
  return /[A-Za-z]/.test(character) ? code : code + 0x11_0000;
}

const byNumber = (a: string, b: string): number => {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0);
};

/** Orders two texts as dpkg orders upstream versions and revisions, and `sort -V` lines: stretches without digits and numbers, in turn. Negative, zero or positive. */
export function compareVersionText(a: string, b: string): number {
  const [x, y] = [a, b].map((part) => [...part.matchAll(/([^0-9]*)([0-9]*)/g)]);
  if (x === undefined || y === undefined) return 0;
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const [text, number] = [x[at]?.[1] ?? "", x[at]?.[2] ?? ""];
    const [otherText, otherNumber] = [y[at]?.[1] ?? "", y[at]?.[2] ?? ""];
    const order = compareStretch(text, otherText) || byNumber(number, otherNumber);
    if (order !== 0) return order;
  }
  return 0;
}

function compareStretch(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const order = rank(x[at]) - rank(y[at]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Epoch, upstream version and revision; an epoch is only what is a number. */
function split(version: string): readonly [epoch: string, upstream: string, revision: string] {
  const epoch = /^([0-9]+):/.exec(version);
  const rest = version.slice(epoch?.[0].length ?? 0);
  const dash = rest.lastIndexOf("-");
  return [epoch?.[1] ?? "0", dash < 0 ? rest : rest.slice(0, dash), dash < 0 ? "" : rest.slice(dash + 1)];
}

/** Orders two versions as dpkg does (deb-version(7)): negative, zero or positive. */
export function compareDebianVersions(a: string, b: string): number {
  const [epoch, upstream, revision] = split(a);
  const [otherEpoch, otherUpstream, otherRevision] = split(b);
  return byNumber(epoch, otherEpoch) || compareVersionText(upstream, otherUpstream) || compareVersionText(revision, otherRevision);
}
