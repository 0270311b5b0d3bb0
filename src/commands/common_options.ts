import { type Command, InvalidArgumentError, Option } from "commander";

/** The options that every command over hosts has, as commander hands them over. */
export interface CommonOptions {
  readonly inventory?: readonly string[];
  readonly limit?: string;
  readonly forks?: number;
  readonly extraVars?: readonly string[];
  readonly become?: boolean;
  readonly askBecomePass?: boolean;
  readonly user?: string;
  readonly privateKey?: string;
  readonly askPass?: boolean;
  readonly timeout?: number;
  readonly vaultPasswordFile?: readonly string[];
  readonly vaultId?: readonly string[];
  readonly askVaultPass?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly color: boolean;
  readonly allowEmpty?: boolean;
}

/** The options of commands that act. */
export interface RunOptions extends CommonOptions {
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly yes?: boolean;
  readonly maxFail?: number | `${number}%`;
}

const repeated = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

/** Adds the options of every command over hosts; the same letter means the same as in Ansible. */
export const addCommonOptions = (command: Command): Command =>
  command
    .option("-i, --inventory <source>", "a file, folder, program, or hosts with commas; may be given several times", repeated)
    .option("-l, --limit <pattern>", "only these of the hosts")
    .option("-f, --forks <n>", "hosts at work at once (default: 50)", positive)
    .option("-e, --extra-vars <key=value>", "a variable that wins over all others; @FILE reads YAML; may be given several times", repeated)
    .option("-b, --become", "run with another user's rights: root's, by sudo, unless the inventory says otherwise")
    .option("-K, --ask-become-pass", "ask for the password that sudo, doas or su wants")
    .option("-u, --user <name>", "user to log in as")
    .option("--private-key <file>", "key to log in with")
    .option("-k, --ask-pass", "ask for the login password")
    .option("-T, --timeout <seconds>", "until a connection must stand (default: 10)", positive)
    .option("--vault-password-file <file>", "holds a password of Ansible Vault, or prints it; may be given several times", repeated)
    .option("--vault-id <label@file>", "the same for values with that vault id; LABEL@prompt asks; may be given several times", repeated)
    .option("-J, --ask-vault-pass", "ask for a password of Ansible Vault")
    .option("--allow-empty", "do not fail where no host matches")
    .option("--json", "print JSON")
    .option("-v, --verbose", "say more")
    .option("--no-color", "no colours");

/** Adds the options of commands that act on hosts. */
export const addRunOptions = (command: Command): Command =>
  addCommonOptions(command)
    .option("-C, --check", "show what would happen, and do nothing")
    .option("-D, --diff", "show how files differ that are written")
    .option("-y, --yes", "do not ask")
    .addOption(new Option("--max-fail <n|n%>", "hosts that may fail before no further one is started").argParser(failureLimit));

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("expected a whole number above 0.");
}

function failureLimit(text: string): number | `${number}%` {
  const [, digits, percent] = /^(\d+)(%?)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError("expected a number of hosts, or a percentage such as 10%.");
  return percent === "%" ? `${Number(digits)}%` : Number(digits);
}
