import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Cases } from "./cases.ts";

/** A host's variables, a group's members: what ansible-inventory --list prints. */
export interface Listing {
  readonly _meta: { readonly hostvars: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  readonly [group: string]: { readonly hosts?: readonly string[]; readonly children?: readonly string[] } | Listing["_meta"];
}

/** What Ansible says of the cases; null where it refuses. */
export interface Answers {
  readonly ansible: string;
  readonly inventories: Readonly<Record<string, { readonly list: Listing; readonly graph: readonly string[] } | null>>;
  /** In the order of the cases; `ordered` is false where Ansible leaves the order to chance. */
  readonly selections: readonly { readonly hosts: readonly string[] | null; readonly ordered: boolean }[];
}

/** The folder of the inventories, which is where Ansible is asked. */
export const fixtures = join(import.meta.dirname, "../../fixtures/inventories");
/** Where the answers are recorded. */
export const recordFile = join(import.meta.dirname, "../../fixtures/inventories.answers.json");

/** The recorded answers. */
export const recordedAnswers = (): Answers => JSON.parse(readFileSync(recordFile, "utf8")) as Answers;

/** The Python interpreter of the installed ansible-core, by the first line of its program; undefined where there is none. */
export function ansiblePython(): string | undefined {
  const paths = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "ansible-inventory"));
  const found = paths.find((path) => existsSync(path));
  return found === undefined ? undefined : /^#!\s*(\S+)/.exec(readFileSync(found, "utf8"))?.[1];
}

/** Asks the real programs, in one process. */
export function askAnsible(python: string, cases: Cases): Answers {
  const home = mkdtempSync(join(tmpdir(), "kofleet-oracle-"));
  const env = { PATH: process.env.PATH, HOME: home, LC_ALL: "C.UTF-8", ANSIBLE_CONFIG: join(import.meta.dirname, "ansible.cfg") };
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: fixtures,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["pipe", "pipe", "inherit"],
    env,
  };
  const ask = (args: string[], input: string) => execFileSync(python, args, { ...options, input });
  try {
    const version = ask(["-c", "import ansible.release; print(ansible.release.__version__)"], "").trim();
    const answers = ask([join(import.meta.dirname, "answers.py")], JSON.stringify(cases));
    return { ansible: version, ...(JSON.parse(answers) as Omit<Answers, "ansible">) };
  } finally {
    rmSync(home, { recursive: true });
  }
}
