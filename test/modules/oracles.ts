import { execFileSync } from "node:child_process";

const ask = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, LC_ALL: "C", PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });

/** What `modinfo` says: each key with its value, in its order. */
export const askModinfo = (file: string): readonly (readonly [string, string])[] =>
  ask("modinfo", "-0", file)
    .split("\0")
    .flatMap((entry) => {
      const [, key, value] = /^(\w+)=(.*)$/s.exec(entry) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    });

/** What `modprobe --dump-modversions` says: CRCs by symbol, in its order. */
export const askModversions = (file: string): readonly (readonly [string, number])[] =>
  ask("modprobe", "--dump-modversions", file)
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [crc = "", symbol = ""] = line.split("\t");
      return [symbol, Number(crc)] as const;
    });

/** A relocation as `readelf -rW` shows it. */
export interface ShownRelocation {
  readonly symbol: number;
  readonly type: number;
  readonly addend: number;
}

/** What `readelf -sW -rW -nW -p .comment` says of symbols, relocations outside of debugging information, the build id, and the compiler. */
export interface ShownElf {
  readonly undefinedSymbols: readonly string[];
  readonly relocations: readonly ShownRelocation[];
  readonly buildId: string | undefined;
  readonly compiler: string | undefined;
}

const symbolLine = /^\s*\d+: [0-9a-f]{16}\s+\d+ \S+\s+GLOBAL\s+\S+\s+UND (\S+)$/gm;
const relocationLine = /^[0-9a-f]{16}\s+([0-9a-f]{8})([0-9a-f]{8}) R_\S+\s+[0-9a-f]{16} \S+ ([+-]) ([0-9a-f]+)$/gm;

/** Asks `readelf`. */
export function askReadelf(file: string): ShownElf {
  const text = ask("readelf", "-sW", "-rW", "-nW", "-p", ".comment", file);
  const loaded = text
    .split(/^(?=Relocation section|Symbol table|Displaying notes)/m)
    .filter((part) => part.startsWith("Relocation section") && !part.startsWith("Relocation section '.rela.debug"))
    .join("\n");
  return {
    undefinedSymbols: [...text.matchAll(symbolLine)].map(([, name = ""]) => name),
    relocations: [...loaded.matchAll(relocationLine)].map(([, symbol = "", type = "", sign, addend = ""]) => ({
      symbol: Number.parseInt(symbol, 16),
      type: Number.parseInt(type, 16),
      addend: Number.parseInt(addend, 16) * (sign === "-" ? -1 : 1),
    })),
    buildId: /Build ID: ([0-9a-f]+)/.exec(text)?.[1],
    compiler: /^String dump of section '\.comment':\n\s*\[ *\d+\] {2}(.+)$/m.exec(text)?.[1],
  };
}
