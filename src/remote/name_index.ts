import { isHashOf } from "./hashed_names.ts";
import { type HostNames, isMatch } from "./host_names.ts";

/** A line of a file that is about hosts. */
export interface NamedLine {
  readonly names: HostNames;
  /** Counts from 1. */
  readonly line: number;
}

/** Lines by the names they are about. Each name is looked up once. */
export class NameIndex<Line extends NamedLine> {
  readonly #named = new Map<string, Line[]>();
  readonly #patterns: Line[] = [];
  readonly #hashed: readonly Line[];
  readonly #found = new Map<string, readonly Line[]>();

  constructor(readonly lines: readonly Line[]) {
    this.#hashed = lines.filter(({ names }) => names.kind === "hashed");
    for (const line of lines) {
      if (line.names.kind === "patterns") this.#patterns.push(line);
      if (line.names.kind === "names") this.#addNames(line, line.names.names);
    }
  }

  /** The lines about a name, in their order. */
  about(name: string): readonly Line[] {
    const found = this.#found.get(name) ?? this.#search(name);
    this.#found.set(name, found);
    return found;
  }

  #addNames(line: Line, names: readonly string[]): void {
    for (const name of new Set(names)) {
      const others = this.#named.get(name);
      if (others) others.push(line);
      else this.#named.set(name, [line]);
    }
  }

  #search(name: string): readonly Line[] {
    const named = this.#named.get(name) ?? [];
    const matched = this.#patterns.filter(({ names }) => names.kind === "patterns" && isMatch(names.patterns, name));
    const hashed = this.#hashed.filter(({ names }) => names.kind === "hashed" && isHashOf(names.name, name));
    return [...named, ...matched, ...hashed].sort((a, b) => a.line - b.line);
  }
}
