/** Variables of kernel builds that decide what comes out: Documentation/kbuild/kbuild.rst, and those that modules add to by old habit. */
const names = ["CC", "LD", "LLVM", "HOSTCC", "KCFLAGS", "KCPPFLAGS", "KAFLAGS", "EXTRA_CFLAGS", "CROSS_COMPILE", "CONFIG_CC_VERSION_TEXT"];

const assignment = new RegExp(`(?:^|\\s)(${names.join("|")})=(?:"([^"]*)"|'([^']*)'|(\\S+))`, "g");
const longest = 500;

/** A line on which make, or dkms 3.1 and later in front of it, shows how it was called. */
const isCall = (line: string): boolean => /^(?:# command: |\+ ?|(?:env |\w+=\S* )*(?:\S*\/)?make\b(?!\[|:))/.test(line);

/** Variables as they were given to make, where a build's log shows the call; undefined where it shows none. The last call counts. */
export function flagsIn(log: string): Readonly<Record<string, string>> | undefined {
  const calls = log.split("\n").filter(isCall);
  if (calls.length === 0) return undefined;
  const given = calls.flatMap((line) => [...line.matchAll(assignment)]);
  return Object.fromEntries(given.map(([, name = "", double, single, bare]) => [name, (double ?? single ?? bare ?? "").slice(0, longest)]));
}
