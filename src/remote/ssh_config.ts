import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import type { Target } from "../core/connection.ts";
import { ConnectError } from "../core/error.ts";
import { lastLines } from "../core/printable.ts";
import { addressOf, type LocalUser } from "./endpoint.ts";
import { readBlocks, type SshConfigBlocks } from "./ssh_config_blocks.ts";
import { parseSshOptions, type SshOptions } from "./ssh_options.ts";

/** The files that ssh would read, those that are there, and how it is told so. */
interface Source {
  readonly files: readonly string[];
  readonly arguments: readonly string[];
  readonly blocks: SshConfigBlocks | undefined;
}

/** Milliseconds for one `ssh -G`, which may run commands (Match exec). */
const longest = 10_000;
/** Each costs some 10 ms of processor. */
const mostAtOnce = 4;

/** OpenSSH's client configuration, by way of `ssh -G`; hosts of which it says the same are asked about once in a process. */
export class SshConfig {
  readonly #sources = new Map<string | undefined, Promise<Source>>();
  readonly #answers = new Map<string, Promise<SshOptions | undefined>>();
  readonly #limit = pLimit(mostAtOnce);

  constructor(private readonly from: LocalUser) {}

  /** What the configuration says of a target; undefined where there is neither a configuration file nor an ssh to read it. Throws a ConnectError. */
  async optionsFor(target: Target): Promise<SshOptions | undefined> {
    const { address } = addressOf(target);
    const source = await this.#source(target.sshConfig);
    if (source.files.length === 0) return undefined;
    const words = source.blocks === undefined ? loginOf(target) : [];
    const key = JSON.stringify([source.arguments, words, source.blocks?.keyOf(address) ?? address]);
    const asked = this.#answers.get(key) ?? this.#ask([...source.arguments, ...words], address, target.name);
    this.#answers.set(key, asked);
    const options = await asked;
    return options && { ...options, hostName: options.hostName || address };
  }

  #source(sshConfig: string | undefined): Promise<Source> {
    const known = this.#sources.get(sshConfig) ?? sourceOf(sshConfig, this.from);
    this.#sources.set(sshConfig, known);
    return known;
  }

  /** An answer that gives no other name is kept without one, for all who share it. */
  async #ask(words: readonly string[], address: string, name: string): Promise<SshOptions | undefined> {
    const text = await this.#limit(() => runSsh(["-G", ...words, "--", address], name));
    if (text === undefined) return undefined;
    const options = parseSshOptions(text.replaceAll(`${userInfo().homedir}/`, `${this.from.home}/`));
    return options.hostName === address.toLowerCase() ? { ...options, hostName: "" } : options;
  }
}

/** What a Match line, or a token, may look at. */
const loginOf = ({ user, port }: Target): readonly string[] => [
  ...(user === undefined ? [] : ["-l", user]),
  ...(port === undefined ? [] : ["-p", String(port)]),
];

/** ssh takes the home folder of the account, whatever HOME says; another HOME is taken as a person's own, apart from the system. */
async function sourceOf(sshConfig: string | undefined, { home }: LocalUser): Promise<Source> {
  if (sshConfig === "none") return { files: [], arguments: [], blocks: undefined };
  const own = sshConfig ?? join(home, ".ssh/config");
  const isAsSshSees = sshConfig === undefined && home === userInfo().homedir;
  const candidates = isAsSshSees ? [own, "/etc/ssh/ssh_config"] : [own];
  const exist = await Promise.all(candidates.map(isThere));
  const files = sshConfig === undefined ? candidates.filter((_, index) => exist[index]) : candidates;
  return { files, arguments: isAsSshSees ? [] : ["-F", own], blocks: await readBlocks(files, join(userInfo().homedir, ".ssh")) };
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Undefined where there is no ssh. */
function runSsh(words: readonly string[], name: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile("ssh", words, { timeout: longest, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === "ENOENT") resolve(undefined);
      else reject(unreadable(name, error.killed ? `ssh -G took longer than ${longest / 1000} s` : lastLines(stderr, 2), error));
    });
  });
}

const unreadable = (name: string, said: string, cause: unknown): ConnectError =>
  new ConnectError("protocol", `${name}: OpenSSH's configuration can't be read: ${said.replaceAll("\n", "; ")}`, { cause });
