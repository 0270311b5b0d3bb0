import { FactError } from "../core/error.ts";
import { compareRpmSegments } from "./rpm_version.ts";

/** How far dkms has come with one module. */
export type DkmsState = "added" | "built" | "installed" | "installed-weak" | "broken";

/** One line of `dkms status`. */
export interface DkmsEntry {
  readonly module: string;
  readonly version: string;
  /** Absent for what is only added, or broken. */
  readonly kernel?: string;
  readonly architecture?: string;
  readonly state: DkmsState;
  /** The kernel whose build a weak link of `kernel` points to. */
  readonly weakFrom?: string;
  /** What dkms adds in parentheses: "(WARNING! Diff between built and installed module!)". */
  readonly note?: string;
}

// "m, v, k, a: installed" up to 2.8.5, "m/v, k, a: installed" since; weak lines have kept the commas.
const line =
  /^(?<module>[^,/:]+)(?:\/|, )(?<version>[^,:]+)(?:, (?<kernel>[^,]+), (?<architecture>[^,:]+))?: (?<state>added|built|installed-weak from (?<weakFrom>\S+)|installed|broken)(?:\s*(?<note>\(.*))?\s*$/;

function parseState(text: string): DkmsState {
  switch (text) {
    case "added":
    case "built":
    case "installed":
    case "broken":
      return text;
    default:
      return "installed-weak";
  }
}

function parseEntry(text: string): DkmsEntry {
  const { module, version, state, kernel, architecture, weakFrom, note } = line.exec(text)?.groups ?? {};
  if (module === undefined || version === undefined || state === undefined) {
    throw new FactError(`cannot read this line of dkms status: "${text}"`);
  }
  return {
    module,
    version,
    state: parseState(state),
    ...(kernel !== undefined && { kernel }),
    ...(architecture !== undefined && { architecture }),
    ...(weakFrom !== undefined && { weakFrom }),
    ...(note !== undefined && { note: note.trim() }),
  };
}

/** Reads what `dkms status` prints on stdout, from 2.8 to 3.x. Throws a FactError for a line that is no entry. */
export const parseDkmsStatus = (stdout: string): DkmsEntry[] =>
  stdout
    .split("\n")
    .filter((text) => text.trim() !== "")
    .map(parseEntry);

/** What an exit code of dkms says. */
export interface DkmsExit {
  readonly meaning: string;
  /** The module says itself that it is not for this kernel (BUILD_EXCLUSIVE): no failure. */
  readonly isSkip: boolean;
}

const meanings: ReadonlyMap<number, string> = new Map([
  [0, "done"],
  [2, "the module's source folder is missing"],
  [3, "already added or built, or the module is unknown to dkms"],
  [4, "dkms.conf is missing, or the module is broken"],
  [5, "already installed, or not installed"],
  [6, "the kernel's module folder is missing, or depmod failed"],
  [7, "the build left no module where dkms.conf says"],
  [8, "bad dkms.conf, or the source folder is empty"],
  [10, "the build failed"],
  [11, "one or more modules failed in autoinstall"],
  [13, "a module that it depends on is not built"],
  [14, "a kernel hook failed"],
  [21, "the kernel's headers are missing"],
  [77, "the module says that it is not for this kernel (BUILD_EXCLUSIVE)"],
  [101, "the module's PRE_INSTALL script failed"],
]);

/** What an exit code means for this dkms, whose version is what `dkms --version` prints. Code 0 is no proof of success: look at the result. */
export function dkmsExit(code: number, version: string): DkmsExit {
  const isBefore = (other: string): boolean => compareRpmSegments(/\d+(?:\.\d+)+/.exec(version)?.[0] ?? "", other) < 0;
  const modern = code === 9 && isBefore("3.0.11") ? 77 : code === 1 && isBefore("3.1.5") ? 21 : code;
  return { meaning: meanings.get(modern) ?? `dkms failed with exit code ${code}`, isSkip: modern === 77 };
}

const errorForms: readonly RegExp[] = [
  /^\S+:\d+(?::\d+)?: (?:fatal )?error: /,
  /\berror: |^ERROR: modpost: |: undefined reference to |: (?:command )?not found$/,
  /^make(?:\[\d+\])?: \*\*\* /,
  /\(bad exit status: \d+\)|Bad return status for module build/,
];

/** The line of a build log that names the cause: the first compiler error with file and line, else the first of the linker, modpost, the shell or make. */
export function firstCompilerError(log: string): string | undefined {
  const lines = log.split("\n");
  for (const form of errorForms) {
    const found = lines.find((text) => form.test(text));
    if (found !== undefined) return found.trim();
  }
  return undefined;
}
