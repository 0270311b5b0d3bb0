/** A word of Python's literal syntax: a value that is complete in itself, a sign, or a bracket, comma or colon. */
export type PythonToken =
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "word"; readonly value: boolean | null }
  | { readonly kind: "mark"; readonly text: string };

const lexicon = [
  /(?<blank>[ \t\f]+|#.*$)/,
  /(?<string>[rRuUbB]?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))/,
  /(?<number>(?:0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:(?:D)?\.D|D\.?)(?:[eE][+-]?D)?)(?![\w.]))/,
  /(?<word>True|False|None)(?!\w)/,
  /(?<mark>[[\](){},:+-])/,
];
const pattern = new RegExp(lexicon.map(({ source }) => source.replaceAll("D", "\\d(?:_?\\d)*")).join("|"), "suy");

const constants: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };

/** The words of a text; undefined where there is something else in it, or a number that JavaScript can't hold exactly. */
export function pythonTokens(text: string): readonly PythonToken[] | undefined {
  const tokens: PythonToken[] = [];
  for (pattern.lastIndex = 0; pattern.lastIndex < text.length; ) {
    const { blank, string, number, word, mark } = pattern.exec(text)?.groups ?? {};
    const value = number === undefined ? undefined : numberValue(number);
    if (string !== undefined) tokens.push({ kind: "string", value: stringValue(string) });
    else if (value !== undefined) tokens.push({ kind: "number", value });
    else if (word !== undefined) tokens.push({ kind: "word", value: constants[word] ?? null });
    else if (mark !== undefined) tokens.push({ kind: "mark", text: mark });
    else if (blank === undefined) return undefined;
  }
  return tokens;
}

/** Python knows no whole number with a leading zero but zero itself. */
function numberValue(text: string): number | undefined {
  const digits = text.replaceAll("_", "");
  if (/^0\d*[1-9]\d*$/.test(digits)) return undefined;
  const value = Number(digits);
  const isFloat = /^[^xX]*[.eE]/.test(digits);
  return isFloat ? (Number.isFinite(value) ? value : undefined) : Number.isSafeInteger(value) ? value : undefined;
}

const letters: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const escaped = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00[01][0-9a-fA-F]{5})|([\\'"])|([abfnrtv]))/g;

/** What no escape sequence is keeps its backslash. */
function stringValue(text: string): string {
  const inner = text.slice(text.search(/['"]/) + 1, -1);
  if (/^[rR]/.test(text)) return inner;
  return inner.replace(
    escaped,
    (all: string, octal?: string, two?: string, four?: string, eight?: string, mark?: string, letter?: string) => {
      const hex = two ?? four ?? eight;
      if (hex !== undefined) return codePoint(hex, 16) ?? all;
      return octal === undefined ? (mark ?? letters[letter ?? ""] ?? all) : (codePoint(octal, 8) ?? all);
    },
  );
}

function codePoint(digits: string, base: number): string | undefined {
  const code = Number.parseInt(digits, base);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
