import type { HostKeyPolicy } from "../core/connection.ts";
import { shellWords } from "./shlex.ts";

/** What arguments for ssh say that kofleet does by itself; paths as they are written. */
export interface SshArguments {
  readonly user?: string;
  readonly port?: number;
  readonly privateKeyFile?: string;
  readonly sshConfig?: string;
  readonly jumps?: readonly string[];
  readonly proxyCommand?: string;
  readonly hostKeyPolicy?: HostKeyPolicy;
  readonly knownHosts?: readonly string[];
  readonly forwardAgent?: boolean;
  readonly aliveInterval?: number;
  readonly aliveCountMax?: number;
}

type Reader = (value: string) => SshArguments | undefined;

/** As OpenSSH's configuration is read: its "no" is no more than a missing question here, so that a changed key is still refused. */
const policies: Readonly<Record<string, HostKeyPolicy>> = {
  yes: "strict",
  ask: "strict",
  "accept-new": "accept-new",
  no: "accept-new",
  off: "accept-new",
};

const jumpHosts: Reader = (value) => ({ jumps: value.split(",") });
const agent: Reader = (value) => (value === "yes" || value === "no" ? { forwardAgent: value === "yes" } : undefined);
const policy: Reader = (value) => (Object.hasOwn(policies, value) ? { hostKeyPolicy: policies[value] ?? "strict" } : undefined);
const portNumber: Reader = (value) => (/^[1-9]\d{0,4}$/.test(value) ? { port: Number(value) } : undefined);
const count =
  (said: (number: number) => SshArguments): Reader =>
  (value) =>
    /^\d{1,6}$/.test(value) ? said(Number(value)) : undefined;
/** Sharing connections is what kofleet always does; neither changes who is reached, nor who is believed. */
const nothing: Reader = () => ({});

/** Options as ssh_config(5) has them, in small letters. */
const options: Readonly<Record<string, Reader>> = {
  user: (user) => ({ user }),
  port: portNumber,
  identityfile: (privateKeyFile) => ({ privateKeyFile }),
  proxyjump: jumpHosts,
  proxycommand: (proxyCommand) => ({ proxyCommand }),
  stricthostkeychecking: policy,
  userknownhostsfile: (value) => ({ knownHosts: value.split(/\s+/).filter((path) => path !== "/dev/null" && path !== "none") }),
  forwardagent: agent,
  serveraliveinterval: count((aliveInterval) => ({ aliveInterval })),
  serveralivecountmax: count((aliveCountMax) => ({ aliveCountMax })),
  controlmaster: nothing,
  controlpersist: nothing,
  controlpath: nothing,
  compression: nothing,
};

/** Letters that take a value, by the options they stand for. */
const letters: Readonly<Record<string, Reader>> = {
  J: jumpHosts,
  F: (sshConfig) => ({ sshConfig }),
  i: (privateKeyFile) => ({ privateKeyFile }),
  p: portNumber,
  l: (user) => ({ user }),
  o: readOption,
};

const switches: Readonly<Record<string, SshArguments>> = { "-A": { forwardAgent: true }, "-a": { forwardAgent: false }, "-C": {} };

/** Reads arguments as they would stand on ssh's command line, where the first of a kind counts. What is not understood is given as text. */
export function parseSshArguments(line: string): SshArguments | { readonly unknown: string } {
  const words = shellWords(line)?.map(({ text }) => text);
  if (words === undefined) return { unknown: line };
  let all: SshArguments = {};
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, letter = "", joined = ""] = /^-([A-Za-z])(.*)$/s.exec(word) ?? [];
    const read = Object.hasOwn(letters, letter) ? letters[letter] : undefined;
    const value = read && joined === "" ? words.shift() : joined;
    const found = read ? value && read(value) : Object.hasOwn(switches, word) ? switches[word] : undefined;
    if (!found) return { unknown: read && joined === "" ? `${word} ${value ?? ""}`.trim() : word };
    all = { ...found, ...all };
  }
  return all;
}

function readOption(text: string): SshArguments | undefined {
  const [, name = "", value = ""] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/s.exec(text) ?? [];
  const read = Object.hasOwn(options, name.toLowerCase()) ? options[name.toLowerCase()] : undefined;
  return value === "" ? undefined : read?.(value);
}
