import { type PythonToken, pythonTokens } from "./python_tokens.ts";

/** A value of Python's literal syntax that JSON can say, too. */
export type PythonValue = string | number | boolean | null | readonly PythonValue[] | { readonly [key: string]: PythonValue };

/** As deep as Python itself reads brackets. */
const deepest = 200;

/**
 * The value that a text is in Python's literal syntax, as Ansible evaluates the values of INI inventories; undefined where it is none, and means itself.
 * Complex numbers, bytes, `...` and whole numbers beyond 2^53 are none here: JSON can't say them.
 */
export function pythonLiteral(text: string): { readonly value: PythonValue } | undefined {
  const tokens = pythonTokens(text);
  if (tokens === undefined) return undefined;
  const reader = new LiteralReader(tokens);
  const value = reader.value(0);
  return value === undefined || !reader.isAtEnd ? undefined : { value };
}

/** Reads values from the front of a list of tokens; undefined where there is none. */
class LiteralReader {
  #at = 0;

  constructor(readonly tokens: readonly PythonToken[]) {}

  get isAtEnd(): boolean {
    return this.#at === this.tokens.length;
  }

  value(depth: number): PythonValue | undefined {
    const token = this.tokens[this.#at++];
    if (token === undefined || depth > deepest) return undefined;
    if (token.kind === "string") return this.#strings(token.value);
    if (token.kind !== "mark") return token.value;
    switch (token.text) {
      case "[":
        return this.#items("]", depth);
      case "(":
        return this.#parenthesis(depth);
      case "{":
        return this.#braces(depth);
      default:
        return this.#signed(token.text);
    }
  }

  /** Strings beside each other are one. */
  #strings(first: string): string {
    const next = this.tokens[this.#at];
    if (next?.kind !== "string") return first;
    this.#at += 1;
    return this.#strings(first + next.value);
  }

  #signed(sign: string): number | undefined {
    const next = this.tokens[this.#at++];
    if (next?.kind !== "number" || !/[+-]/.test(sign)) return undefined;
    return sign === "-" ? -next.value : next.value;
  }

  /** One value in parentheses is that value, unless a comma follows. */
  #parenthesis(depth: number): PythonValue | undefined {
    const items = this.#items(")", depth);
    const [only] = items ?? [];
    return items?.length === 1 && !this.#isMark(",", this.#at - 2) ? only : items;
  }

  #items(end: string, depth: number): PythonValue[] | undefined {
    return this.#list(end, () => this.value(depth + 1));
  }

  /** A map, or a set, which is a list here. */
  #braces(depth: number): PythonValue | undefined {
    const members = this.#list("}", () => this.#member(depth));
    if (members?.every((member) => member.length === 2)) return Object.fromEntries(members.map(([key, value]) => [String(key), value]));
    return members?.every((member) => member.length === 1) ? members.map(([item]) => item) : undefined;
  }

  #member(depth: number): readonly [PythonValue] | readonly [PythonValue, PythonValue] | undefined {
    const key = this.value(depth + 1);
    if (key === undefined || (typeof key === "object" && key !== null)) return undefined;
    if (!this.#take(":")) return [key];
    const value = this.value(depth + 1);
    return value === undefined ? undefined : [key, value];
  }

  /** Items with commas between them, one more at the end allowed. */
  #list<T>(end: string, item: () => T | undefined): T[] | undefined {
    const items: T[] = [];
    while (!this.#take(end)) {
      const next = item();
      if (next === undefined) return undefined;
      items.push(next);
      if (!this.#take(",") && !this.#isMark(end)) return undefined;
    }
    return items;
  }

  #take(mark: string): boolean {
    const isThere = this.#isMark(mark);
    if (isThere) this.#at += 1;
    return isThere;
  }

  #isMark(mark: string, at = this.#at): boolean {
    const token = this.tokens[at];
    return token?.kind === "mark" && token.text === mark;
  }
}
