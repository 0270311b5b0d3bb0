import { ProofError } from "../core/error.ts";
import { type BaseOffsets, readBaseOffsets } from "./base_offsets.ts";
import { readBuildId } from "./build_id.ts";
import type { Machine } from "./elf_identity.ts";
import { type ElfObject, readElf } from "./elf_sections.ts";
import { undefinedSymbols } from "./elf_symbols.ts";
import { readModinfo } from "./modinfo.ts";
import { type ModuleSignature, readSignature } from "./module_signature.ts";
import { readVersions, type SymbolVersions } from "./symbol_versions.ts";

/** What a module file says of itself: all that proofs compare. */
export interface ModuleInfo {
  readonly machine: Machine;
  /** Bytes. */
  readonly size: number;
  /** As the kernel will name it: with underscores. */
  readonly name: string;
  readonly version?: string;
  readonly vermagic: string;
  readonly srcversion?: string;
  /** Hex. */
  readonly buildId?: string;
  /** Every key of .modinfo with its values in their order: `depends`, `alias`, `license` and the like. */
  readonly modinfo: ReadonlyMap<string, readonly string[]>;
  /** Empty: it was built without modversions. */
  readonly versions: SymbolVersions;
  /** Symbols that it can't be loaded without, in the order of its symbol table. */
  readonly undefinedSymbols: readonly string[];
  /** Absent: it is not signed. */
  readonly signature?: ModuleSignature;
  readonly offsets: BaseOffsets;
  /** What compiled it, in its own words: "GCC: (Debian 12.2.0-14) 12.2.0". Absent: the module does not say. */
  readonly compiler?: string;
}

type Identity = Pick<ModuleInfo, "name" | "version" | "vermagic" | "srcversion" | "buildId" | "modinfo">;

/** What .modinfo and the build id say of a module's identity. */
function identityOf({ section, isLittleEndian }: ElfObject): Identity {
  const bytes = section(".modinfo");
  if (bytes === undefined) throw new ProofError("it is no kernel module: it has no .modinfo section");
  const modinfo = readModinfo(bytes);
  const required = (key: string): string => {
    const value = modinfo.get(key)?.[0];
    if (value === undefined || value === "") throw new ProofError(`it is no complete kernel module: its .modinfo has no ${key}`);
    return value;
  };
  const version = modinfo.get("version")?.[0];
  const srcversion = modinfo.get("srcversion")?.[0];
  const notes = section(".note.gnu.build-id");
  const buildId = notes && readBuildId(notes, isLittleEndian);
  return {
    name: required("name"),
    ...(version !== undefined && { version }),
    vermagic: required("vermagic"),
    ...(srcversion !== undefined && { srcversion }),
    ...(buildId !== undefined && { buildId }),
    modinfo,
  };
}

/** Characters of a compiler's name that are kept. */
const longestName = 200;

/** The first of the strings in .comment, which compilers leave there. */
function compilerOf({ section }: ElfObject): string | undefined {
  const bytes = section(".comment");
  const first = bytes && Buffer.from(bytes.subarray(0, longestName + 1)).toString("latin1");
  return first === undefined ? undefined : /^\0?([ -~]+)/.exec(first)?.[1]?.slice(0, longestName);
}

/** Reads an uncompressed module file. Throws a ProofError that says what is wrong where it is truncated, damaged, or no module; never takes more than linear time. */
export function readModule(bytes: Uint8Array): ModuleInfo {
  const elf = readElf(bytes);
  const identity = identityOf(elf);
  const symbols = undefinedSymbols(elf);
  const signature = readSignature(bytes, elf.end);
  const compiler = compilerOf(elf);
  return {
    machine: elf.machine,
    size: bytes.length,
    ...identity,
    versions: readVersions(elf),
    undefinedSymbols: symbols.filter(({ isWeak }) => !isWeak).map(({ name }) => name),
    ...(signature && { signature }),
    offsets: readBaseOffsets(elf, symbols),
    ...(compiler !== undefined && { compiler }),
  };
}
