import { printable } from "../core/printable.ts";

/** What a text is made for. */
export interface Screen {
  /** Columns of the terminal; absent in a pipe, where nothing is wrapped or shortened. */
  readonly width?: number;
  readonly colour: boolean;
  /** A CI log, which obeys lines such as `::add-mask::` and texts such as `##vso[…]`. */
  readonly ci: boolean;
}

/** Text from a host, harmless for this screen: no control characters, and in a CI log no commands to it. */
export function safeText(text: string, { ci }: Screen): string {
  const plain = printable(text);
  return ci ? withoutCommands(plain) : plain;
}

/** The same on one line. */
export const safeLine = (text: string, screen: Screen): string =>
  safeText(text, screen)
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll("\t", " ")
    .trim();

/** GitHub's runner obeys `::` behind leading blanks and `##[` anywhere; Azure's `##vso[` anywhere. */
const withoutCommands = (text: string): string => text.replaceAll(/^(\s*::)+/gm, "").replaceAll(/#{2,}(?=\[|vso\[)/g, "#");
