/** A compiler, as far as modules built by it go with a kernel built by it. */
export interface Compiler {
  readonly name: "gcc" | "clang";
  readonly major: number;
}

const forms: readonly (readonly [name: Compiler["name"], form: RegExp])[] = [
  ["clang", /\bclang version (\d+)\./],
  ["gcc", /\bgcc-(\d+)\b/],
  ["gcc", /^(?:GCC:|\S*\b(?:gcc|cc)\b).* (\d+)\.\d+\.\d+(?: \d{8}\b.*)?$/],
];

/**
 * Reads what compilers call themselves: the first line of `--version`, a kernel's CONFIG_CC_VERSION_TEXT, a string of a module's .comment. "gcc-12 (Debian
 * 12.2.0-14) 12.2.0", "gcc (GCC) 11.4.1 20231218 (Red Hat 11.4.1-3)", "GCC: (Debian 12.2.0-14) 12.2.0", "Debian clang version 16.0.6". Undefined where it is none of these.
 */
export function readCompiler(text: string): Compiler | undefined {
  for (const [name, form] of forms) {
    const [, major] = form.exec(text.trim()) ?? [];
    if (major !== undefined) return { name, major: Number(major) };
  }
  return undefined;
}

/** Whether these are known to be compilers of different kinds or major versions. */
export function isOtherCompiler(a: string, b: string): boolean {
  const [one, other] = [readCompiler(a), readCompiler(b)];
  return one !== undefined && other !== undefined && (one.name !== other.name || one.major !== other.major);
}
