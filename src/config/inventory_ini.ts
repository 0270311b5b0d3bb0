import { ConfigError, type Position } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { checkGroupName, draftHostEntry } from "./host_entry.ts";
import { iniVars } from "./ini_vars.ts";
import { type DraftGroup, draftGroup, draftGroupVars, type InventoryDraft } from "./inventory_draft.ts";
import { shellWords } from "./shlex.ts";

/** `[group]`, `[group:vars]`; only `#` begins a comment behind it. */
const sectionLine = /^\[(?<name>[^:\]\s]+)(?::(?<kind>\w+))?\]\s*(?:#.*)?$/;
const childLine = /^(?<name>[^:\]\s]+)\s*(?:#.*)?$/;
const kinds = ["hosts", "children", "vars"];

/** Adds an inventory in Ansible's INI format to a draft. Throws a ConfigError at the first line that can't be read. */
export function draftInventoryIni(draft: InventoryDraft, text: string, file: string): void {
  const reader = new IniReader(draft);
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const content = line.trim();
    if (content !== "" && !/^[#;]/.test(content)) reader.read(content, { file, line: index + 1, column: line.search(/\S/) + 1 });
  }
  reader.end();
}

/** What the lines of one file mean depends on the section they stand in; before the first section is that of "ungrouped". */
class IniReader {
  #group: DraftGroup;
  #kind = "hosts";
  /** Groups that were named as children, or given variables, and are not there yet. */
  readonly #awaited = new Map<string, { readonly position: Position; readonly parents: DraftGroup[] }>();

  constructor(readonly draft: InventoryDraft) {
    this.#group = draftGroup(draft, "ungrouped");
  }

  read(line: string, position: Required<Position>): void {
    const section = sectionLine.exec(line)?.groups;
    if (section !== undefined) this.#enter(section.name ?? "", section.kind ?? "hosts", position);
    else if (line.startsWith("[") && line.endsWith("]"))
      throw new ConfigError(`"${line}" is no section: write [group], [group:children] or [group:vars], without blanks`, position);
    else if (this.#kind === "hosts") this.#readHosts(line, position);
    else if (this.#kind === "children") this.#readChild(line, position);
    else this.#readVar(line, position);
  }

  /** Throws a ConfigError for a group that is used and nowhere there. */
  end(): void {
    for (const [name, { position, parents }] of this.#awaited) {
      const use = parents[0] === undefined ? `[${name}:vars]` : `"${name}" is a child of "${parents[0].name}"`;
      const known = [...this.draft.groups.keys()].filter((each) => !this.#awaited.has(each));
      throw new ConfigError(
        `${use}, but there is no group [${name}]${didYouMean(name, known)}: declare it, if only as an empty section`,
        position,
      );
    }
  }

  #enter(name: string, kind: string, position: Required<Position>): void {
    if (!kinds.includes(kind))
      throw new ConfigError(`a section is none of "${kind}"${didYouMean(kind, kinds)}: [${name}], [${name}:children] or [${name}:vars]`, {
        ...position,
        column: position.column + name.length + 2,
      });
    checkGroupName(name, position);
    const isNew = !this.draft.groups.has(name);
    this.#group = draftGroup(this.draft, name);
    this.#kind = kind;
    if (kind !== "vars") this.#arrive(name);
    else if (isNew && !this.#awaited.has(name)) this.#awaited.set(name, { position, parents: [] });
  }

  /** A group that was awaited comes under its parents in the order of arrival. */
  #arrive(name: string): void {
    const awaited = this.#awaited.get(name);
    for (const parent of awaited?.parents ?? []) parent.children.set(name, awaited?.position);
    this.#awaited.delete(name);
  }

  #readHosts(line: string, position: Required<Position>): void {
    const words = shellWords(line);
    const [entry, ...rest] = words ?? [];
    if (entry === undefined) throw new ConfigError("a quote is not closed in this line, or a backslash ends it", position);
    if (entry.text === "---")
      throw new ConfigError("--- begins a YAML document, and this file is read as INI: call it NAME.yaml", position);
    const pairs = rest.map(({ text, at }) => ({ text, position: { ...position, column: position.column + at } }));
    draftHostEntry(this.draft, this.#group, entry.text, position, iniVars(pairs, this.draft.secrets));
  }

  #readChild(line: string, position: Position): void {
    const name = childLine.exec(line)?.groups?.name;
    if (name === undefined)
      throw new ConfigError(`"${line}" is no name of a group: a line of [${this.#group.name}:children] is just one`, position);
    if (this.draft.groups.has(name)) {
      this.#group.children.set(name, position);
      return;
    }
    const awaited = this.#awaited.get(name) ?? { position, parents: [] };
    awaited.parents.push(this.#group);
    this.#awaited.set(name, awaited);
  }

  #readVar(line: string, position: Position): void {
    const pair = { text: line.replace(/\s*=\s*/, "="), position };
    draftGroupVars(this.#group, iniVars([pair], this.draft.secrets));
  }
}
