import { isAbsolute, join } from "node:path";
import { KofleetError } from "../core/error.ts";

/** Where kofleet keeps what is its own on the control machine, by the XDG Base Directory Specification. */
export interface Folders {
  /** Artifacts: worth a backup. */
  readonly data: string;
  /** Run journals. */
  readonly state: string;
  /** What can be made again. */
  readonly cache: string;
  /** What the user wrote. */
  readonly config: string;
}

/** The folders as environment variables say. Throws a KofleetError where neither the variable nor HOME is an absolute path. */
export function xdgFolders(environment: Readonly<Record<string, string | undefined>>): Folders {
  const folder = (variable: string, ...underHome: string[]): string => {
    const base = environment[variable];
    // The specification: a relative path is invalid and to be ignored.
    if (base !== undefined && isAbsolute(base)) return join(base, "kofleet");
    const home = environment.HOME;
    if (home !== undefined && isAbsolute(home)) return join(home, ...underHome, "kofleet");
    throw new KofleetError(`no folder for kofleet's files: HOME is not an absolute path; set HOME, or ${variable}`);
  };
  return {
    data: folder("XDG_DATA_HOME", ".local", "share"),
    state: folder("XDG_STATE_HOME", ".local", "state"),
    cache: folder("XDG_CACHE_HOME", ".cache"),
    config: folder("XDG_CONFIG_HOME", ".config"),
  };
}
