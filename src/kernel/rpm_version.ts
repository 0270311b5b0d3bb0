const sign = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byNumber = (a: string, b: string): number => {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return x.length - y.length || sign(x, y);
};

/** What rpm compares: numbers, words, "~" and "^"; everything else only separates. */
const segments = (version: string): readonly string[] => version.match(/[0-9]+|[A-Za-z]+|~|\^/g) ?? [];

/** "~" sorts before the end of the version, the end before "^", "^" before words, and words before numbers. */
function rank(segment: string | undefined): number {
  if (segment === undefined) return 1;
  if (segment === "~") return 0;
  if (segment === "^") return 2;
  return /[0-9]/.test(segment) ? 4 : 3;
}

/** Orders two versions, or two releases, as rpm's rpmvercmp does: negative, zero or positive. */
export function compareRpmSegments(a: string, b: string): number {
  const [x, y] = [segments(a), segments(b)];
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const [one, other] = [x[at], y[at]];
    const order = rank(one) - rank(other);
    if (order !== 0) return order;
    if (one === undefined || other === undefined) break;
    const same = rank(one) === 4 ? byNumber(one, other) : sign(one, other);
    if (same !== 0) return same;
  }
  return 0;
}

function split(version: string): readonly [epoch: string, version: string, release: string] {
  const epoch = /^([0-9]+):/.exec(version);
  const rest = version.slice(epoch?.[0].length ?? 0);
  const dash = rest.indexOf("-");
  return [epoch?.[1] ?? "0", dash < 0 ? rest : rest.slice(0, dash), dash < 0 ? "" : rest.slice(dash + 1)];
}

/** Orders two `[epoch:]version[-release]` as rpm does; a missing epoch is 0. Negative, zero or positive. */
export function compareRpmVersions(a: string, b: string): number {
  const [epoch, version, release] = split(a);
  const [otherEpoch, otherVersion, otherRelease] = split(b);
  return byNumber(epoch, otherEpoch) || compareRpmSegments(version, otherVersion) || compareRpmSegments(release, otherRelease);
}
