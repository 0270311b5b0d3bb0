import type { HostKeyPolicy, Target } from "../core/connection.ts";
import { splitAddress } from "./address.ts";
import type { Endpoint } from "./endpoint.ts";
import { lastJump } from "./jump.ts";
import { quote } from "./shell.ts";

/** What one master connection needs to know beside its endpoint. */
export interface MasterOptions {
  /** Path of the control socket. */
  readonly socket: string;
  /** The line it prints on stdout once it is logged in and listens there. */
  readonly ready: string;
  /** Seconds between two signs of life, and how many may stay without an answer. */
  readonly keepalive: { readonly interval: number; readonly count: number };
  /** Whether somebody answers what ssh asks. */
  readonly canAsk: boolean;
}

type Options = Readonly<Record<string, string | undefined>>;

/** The words that `ssh` starts a master connection with: what the user said, and nothing where its own configuration may say it. */
export const masterWords = ({ target, hostKeyPolicy }: Endpoint, options: MasterOptions): readonly string[] => [
  ...["-M", "-N", "-T", "-S", options.socket],
  ...hostWords(target, { hostKeyPolicy, canAsk: options.canAsk, key: target.privateKeyFile }, lifetime(options)),
];

/** The words that `ssh` goes to a host with, whatever it is to do there. */
function hostWords(target: Target, login: Login, more: Options = {}): readonly string[] {
  const options = { ...more, ...loginOptions(target, login), ...wayOptions(target, login), ...trustOptions(target, login) };
  const { address } = splitAddress(target.address);
  return [...(target.sshConfig === undefined ? [] : ["-F", target.sshConfig]), ...optionWords(options), "--", address];
}

interface Login {
  readonly hostKeyPolicy: HostKeyPolicy;
  readonly canAsk: boolean;
  /** Path of the key that is tried first. */
  readonly key: string | undefined;
}

const lifetime = ({ ready, keepalive }: MasterOptions): Options => ({
  ControlPersist: "no",
  LogLevel: "INFO",
  PermitLocalCommand: "yes",
  LocalCommand: `echo ${ready}`, // run once the socket is there
  ClearAllForwardings: "yes",
  ServerAliveInterval: String(keepalive.interval),
  ServerAliveCountMax: String(keepalive.count),
});

const loginOptions = ({ user, privateKeyFile, forwardAgent }: Target, { canAsk, key }: Login): Options => ({
  BatchMode: yesNo(!canAsk),
  NumberOfPasswordPrompts: "1",
  User: user,
  IdentityFile: key && quotedPath(key),
  IdentitiesOnly: privateKeyFile && "yes",
  ForwardAgent: forwardAgent === undefined ? undefined : yesNo(forwardAgent),
});

const wayOptions = (target: Target, login: Login): Options => {
  const { address, port = splitAddress(address).port, jumps, proxyCommand, connectTimeout } = target;
  return {
    Port: port === undefined ? undefined : String(port),
    ProxyJump: jumps?.length === 0 ? "none" : undefined,
    ProxyCommand: jumpLine(target, login) ?? proxyCommand,
    ConnectTimeout: String(Math.ceil(connectTimeout)),
  };
};

/**
 * A ProxyCommand through the target's jump hosts. ssh's own ProxyJump would tell them nothing of known_hosts files, host key policy and key;
 * here the key is tried beside those that are their own.
 */
function jumpLine(target: Target, login: Login): string | undefined {
  const jump = lastJump(target, target.jumps ?? []);
  if (jump === undefined) return undefined;
  const words = hostWords(jump, { ...login, hostKeyPolicy: jump.hostKeyPolicy ?? "strict" });
  return quote(["ssh", "-W", "[%h]:%p", ...words.map(withoutTokens)]);
}

/** With "off" nothing is looked up and nothing learned: ssh would refuse passwords to a host whose key has changed. */
function trustOptions({ knownHostsFiles }: Target, { hostKeyPolicy: policy }: Login): Options {
  const files = policy === "off" ? [] : knownHostsFiles;
  return {
    StrictHostKeyChecking: { strict: "yes", "accept-new": "accept-new", off: "no" }[policy],
    UserKnownHostsFile: files && (files.map(quotedPath).join(" ") || "/dev/null"),
    GlobalKnownHostsFile: files && "/dev/null",
  };
}

/**
 * The words that `ssh` runs one command with over a master connection. They read no configuration; ssh must not connect on its own where
 * the master is gone, and forwards the agent only where the master was told to. What it has to say itself goes into a file.
 */
export const sessionWords = (socket: string, log: string, address: string, command: string): readonly string[] => [
  ...["-S", socket, "-F", "none", "-T", "-A", "-E", log],
  ...optionWords({ LogLevel: "ERROR", ProxyCommand: "false" }),
  "--",
  address,
  command,
];

const optionWords = (options: Options): readonly string[] =>
  Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : ["-o", `${name}=${value}`]));

const yesNo = (isSo: boolean): string => (isSo ? "yes" : "no");

/** As ssh_config(5) reads a path as it is: one word, without tokens. */
const quotedPath = (path: string): string => `"${withoutTokens(path).replace(/["\\]/g, "\\$&")}"`;

const withoutTokens = (text: string): string => text.replaceAll("%", "%%");
