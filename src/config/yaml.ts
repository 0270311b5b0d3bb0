import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type ScalarTag } from "yaml";
import { ConfigError, type Position } from "../core/error.ts";
import { noSecretSources, type SecretSources } from "./secret_sources.ts";
import { readTextFile } from "./text_file.ts";
import type { Vault } from "./vault.ts";
import type { YamlEntry, YamlList, YamlMap, YamlNode, YamlScalar } from "./yaml_node.ts";
import { withAnsibleWords } from "./yaml_words.ts";

/** The tags of a single value that Ansible Vault encrypted. */
const vaultTags = ["!vault", "!vault-encrypted"].map((tag): ScalarTag => ({ tag, resolve: (text) => text }));

const isVaultTag = (tag: string | undefined): boolean => vaultTags.some((known) => known.tag === tag);

/** Reads a file's YAML, also where the file is encrypted. Throws a ConfigError that says where it cannot be read or what is wrong in it. */
export async function readYaml(path: string, secrets: SecretSources): Promise<YamlNode> {
  const { text, isEncrypted } = await readTextFile(path, secrets);
  try {
    return parseYaml(text, path, secrets);
  } catch (error) {
    // The parser quotes what it stumbles over.
    if (isEncrypted && error instanceof ConfigError) throw new ConfigError("what is encrypted here is no valid YAML", error.position);
    throw error;
  }
}

/** Reads YAML as Ansible does, but refuses duplicate keys, keys that are no words, and unknown tags. Values tagged `!vault` become Secrets. */
export function parseYaml(text: string, file: string, secrets: SecretSources = noSecretSources): YamlNode {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    // What numbers JSON has are numbers there.
    customTags: (tags) => [...vaultTags, ...(file.endsWith(".json") ? tags : withAnsibleWords(tags))],
  });
  const reader = new Reader(text, file, lines, document, secrets.vault);
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) throw reader.syntaxError(fault.message, fault.pos[0]);
  return reader.read(document.contents);
}

/** What one document's nodes are read with; lives as long as the reading. */
class Reader {
  readonly #known = new Map<Node, YamlNode | "open">();

  constructor(
    readonly text: string,
    readonly file: string,
    readonly lines: LineCounter,
    readonly document: Document,
    readonly vault: Vault,
  ) {}

  read(node: Node | null | undefined): YamlNode {
    if (node === null || node === undefined) return this.#scalar(null, "", 0);
    const known = this.#known.get(node);
    if (known === "open") throw new ConfigError("this alias contains itself", this.#position(node));
    if (known !== undefined) return known;
    this.#known.set(node, "open");
    const read = this.#convert(node);
    this.#known.set(node, read);
    return read;
  }

  syntaxError(message: string, offset: number): ConfigError {
    const position = this.#at(offset);
    const line = this.text.split("\n")[position.line - 1] ?? "";
    const hint = /(?:^|[:-]\s+)\{\{/.test(line) ? ': quote a value that begins with {{, as in key: "{{name}} …"' : "";
    return new ConfigError(message + hint, position);
  }

  #convert(node: Node): YamlNode {
    if (isAlias(node)) return this.read(node.resolve(this.document));
    if (isMap<Node, Node>(node)) return this.#map(node.items, this.#position(node));
    if (isSeq<Node>(node)) return this.#list(node.items, this.#position(node));
    if (isScalar(node) && isVaultTag(node.tag)) return this.#secret(String(node.value), this.#position(node));
    if (isScalar(node)) return this.#scalar(node.value, node.source ?? "", node.range?.[0] ?? 0, node.range?.[1]);
    throw new ConfigError("this is neither a value, a list nor a map", this.#position(node));
  }

  #list(items: readonly Node[], position: Position): YamlList {
    return { kind: "list", position, items: items.map((item) => this.read(item)) };
  }

  #map(pairs: readonly Pair<Node, Node | null>[], position: Position): YamlMap {
    const entries = new Map<string, YamlEntry>();
    const merged: YamlMap[] = [];
    for (const { key, value } of pairs) {
      const name = this.#key(key, value);
      const place = this.#position(key);
      const first = entries.get(name);
      if (first !== undefined) throw new ConfigError(`"${name}" is given twice: also in line ${first.position.line}`, place);
      const read = value === null ? { ...this.#scalar(null, "", 0), position: place } : this.read(value);
      if (name === "<<") merged.push(...this.#merged(read));
      else entries.set(name, { position: place, value: read });
    }
    for (const source of merged) for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry);
    return { kind: "map", position, entries };
  }

  #key(key: Node, value: Node | null): string {
    if (isScalar(key)) return key.source ?? String(key.value ?? "");
    const isExpression = isMap(key) && value === null;
    const hint = isExpression ? 'quote an expression: "{{name}}", or YAML takes it for a map' : "a key must be a word";
    throw new ConfigError(hint, this.#position(key));
  }

  #merged(node: YamlNode): YamlMap[] {
    const sources = node.kind === "list" ? node.items : [node];
    return sources.map((source) => {
      if (source.kind !== "map") throw new ConfigError("<< takes a map or a list of maps", source.position);
      return source;
    });
  }

  #secret(encrypted: string, position: Position): YamlScalar {
    return { kind: "scalar", position, value: this.vault.secret(encrypted, position), text: "", expressions: [] };
  }

  #scalar(value: unknown, text: string, start: number, end?: number): YamlScalar {
    const position = this.#at(start);
    const raw = text.includes("{{") ? this.text.slice(start, end) : "";
    const expressions = [...raw.matchAll(/\{\{/g)].map(({ index }) => this.#at(start + index));
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      return { kind: "scalar", position, value, text, expressions };
    throw new ConfigError(`a value of this kind is not understood: ${text}`, position);
  }

  #position(node: Node): Position {
    return this.#at(node.range?.[0] ?? 0);
  }

  #at(offset: number): Required<Position> {
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }
}
