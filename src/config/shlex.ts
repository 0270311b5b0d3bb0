/** A word of a line, without its quotes, and where it begins: counts from 0. */
export interface ShellWord {
  readonly text: string;
  readonly at: number;
}

const piece =
  /(?<blank>\s+)|(?<comment>#.*)|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)'|\\(?<escaped>.)|(?<bare>[^\s"'\\#]+)|(?<fault>.)/gsu;

/**
 * The words of a line by the rules of Python's shlex with comments, as Ansible reads host lines: a `#` begins a comment even inside a word.
 * Undefined where a quote is not closed, or a backslash ends the line.
 */
export function shellWords(line: string): readonly ShellWord[] | undefined {
  const words: ShellWord[] = [];
  let word: ShellWord | undefined;
  for (const { index, groups = {} } of line.matchAll(piece)) {
    if (groups.fault !== undefined) return undefined;
    if (groups.comment !== undefined) break;
    if (groups.blank === undefined) word = { text: (word?.text ?? "") + unquoted(groups), at: word?.at ?? index };
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

const unquoted = ({ double, single, escaped, bare }: Record<string, string | undefined>): string =>
  double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? bare ?? "";
