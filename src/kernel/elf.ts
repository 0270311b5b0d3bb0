import { ProofError } from "../core/error.ts";
import { readBuildId } from "./build_id.ts";
import { type Machine, readElf } from "./elf_sections.ts";

/** What a module file says of itself. */
export interface ModuleInfo {
  readonly machine: Machine;
  /** As the kernel will name it: with underscores. */
  readonly name: string;
  readonly version?: string;
  readonly vermagic: string;
  readonly srcversion?: string;
  /** Hex. */
  readonly buildId?: string;
  /** Every key of .modinfo with its values in their order: `depends`, `alias`, `license` and the like. */
  readonly modinfo: ReadonlyMap<string, readonly string[]>;
}

/** .modinfo is `key=value`, each ended by one or more zero bytes. */
function readModinfo(section: Uint8Array): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const text of new TextDecoder().decode(section).split("\0")) {
    const equals = text.indexOf("=");
    if (equals <= 0) continue;
    const key = text.slice(0, equals);
    const known = values.get(key);
    if (known === undefined) values.set(key, [text.slice(equals + 1)]);
    else known.push(text.slice(equals + 1));
  }
  return values;
}

/** Reads an uncompressed module file. Throws a ProofError that says what is wrong where it is truncated, damaged, or no module; never takes more than linear time. */
export function readModule(bytes: Uint8Array): ModuleInfo {
  const elf = readElf(bytes);
  const section = elf.section(".modinfo");
  if (section === undefined) throw new ProofError("it is no kernel module: it has no .modinfo section");
  const modinfo = readModinfo(section);
  const first = (key: string): string | undefined => modinfo.get(key)?.[0];
  const required = (key: string): string => {
    const value = first(key);
    if (value === undefined || value === "") throw new ProofError(`it is no complete kernel module: its .modinfo has no ${key}`);
    return value;
  };
  const notes = elf.section(".note.gnu.build-id");
  const version = first("version");
  const srcversion = first("srcversion");
  const buildId = notes && readBuildId(notes, elf.isLittleEndian);
  return {
    machine: elf.machine,
    name: required("name"),
    vermagic: required("vermagic"),
    ...(version !== undefined && { version }),
    ...(srcversion !== undefined && { srcversion }),
    ...(buildId !== undefined && { buildId }),
    modinfo,
  };
}
