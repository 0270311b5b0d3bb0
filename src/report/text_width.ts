/** Columns that a terminal gives a text: two for wide East Asian letters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

const invisible = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
/** East Asian Width W and F of Unicode, and emoji. */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f251}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;
/** Behind a narrow sign it asks for its emoji, which is wide. */
const asEmoji = "\ufe0f";

function characterWidth(character: string): number {
  if (character === asEmoji) return 1;
  if (invisible.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** A text cut to a number of columns; an ellipsis says that something is missing. */
export function shorten(text: string, width: number): string {
  return displayWidth(text) <= width ? text : `${head(text, width - 1)}…`;
}

/** As many leading characters as the columns hold. */
function head(text: string, width: number): string {
  let used = 0;
  let kept = "";
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    kept += character;
  }
  return kept;
}

/** A text in lines of at most so many columns, broken at blanks, else behind `,` `.` `-` `/` and the like, else anywhere. Own line ends stay. */
export const wrap = (text: string, width: number): string[] => text.split("\n").flatMap((line) => wrapLine(line, width));

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line.trimEnd();
  while (displayWidth(rest) > width) {
    const full = head(rest, width) || String.fromCodePoint(rest.codePointAt(0) ?? 0);
    const end = breakingPoint(full, rest.charAt(full.length));
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === "" && lines.length > 0 ? lines : [...lines, rest];
}

/** Where a full line ends best; a break in its first third would waste more than it helps. */
function breakingPoint(full: string, next: string): number {
  if (next === " ") return full.length;
  const blank = full.lastIndexOf(" ") + 1;
  if (blank > full.length / 3) return blank;
  const sign = Math.max(...[",", ".", "-", "/", "_", "@"].map((mark) => full.lastIndexOf(mark) + 1));
  return sign > full.length / 3 ? sign : full.length;
}
