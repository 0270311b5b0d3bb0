import type { Target } from "../core/connection.ts";
import type { Endpoint } from "./endpoint.ts";

/** What one master connection needs to know beside its endpoint. */
export interface MasterOptions {
  /** Path of the control socket. */
  readonly socket: string;
  /** The line it prints on stdout once it is logged in and listens there. */
  readonly ready: string;
  /** Whether somebody answers what ssh asks. */
  readonly canAsk: boolean;
}

type Options = Readonly<Record<string, string | undefined>>;

/** The words that `ssh` starts a master connection with: what the user said, and nothing where its own configuration may say it. */
export const masterWords = (endpoint: Endpoint, options: MasterOptions): readonly string[] => [
  ...["-M", "-N", "-T", "-S", options.socket],
  ...(endpoint.target.sshConfig === undefined ? [] : ["-F", endpoint.target.sshConfig]),
  ...optionWords({ ...lifetime(options), ...login(endpoint.target, options), ...way(endpoint.target), ...trust(endpoint) }),
  "--",
  endpoint.target.address,
];

/** Seconds between two signs of life, and how many may stay without an answer. */
const keepalive = { interval: 15, count: 3 };

const lifetime = ({ ready }: MasterOptions): Options => ({
  ControlPersist: "no",
  LogLevel: "INFO",
  PermitLocalCommand: "yes",
  LocalCommand: `echo ${ready}`, // run once the socket is there
  ClearAllForwardings: "yes",
  ServerAliveInterval: String(keepalive.interval),
  ServerAliveCountMax: String(keepalive.count),
});

const login = ({ user, privateKeyFile, forwardAgent }: Target, { canAsk }: MasterOptions): Options => ({
  BatchMode: yesNo(!canAsk),
  NumberOfPasswordPrompts: "1",
  User: user,
  IdentityFile: privateKeyFile && quotedPath(privateKeyFile),
  IdentitiesOnly: privateKeyFile && "yes",
  ForwardAgent: forwardAgent === undefined ? undefined : yesNo(forwardAgent),
});

const way = ({ port, jumps, proxyCommand, connectTimeout }: Target): Options => ({
  Port: port === undefined ? undefined : String(port),
  ProxyJump: jumps === undefined ? undefined : jumps.join(",") || "none",
  ProxyCommand: proxyCommand,
  ConnectTimeout: String(Math.ceil(connectTimeout)),
});

/** With "off" nothing is looked up and nothing learned: ssh would refuse passwords to a host whose key has changed. */
function trust({ target, hostKeyPolicy: policy }: Endpoint): Options {
  const files = policy === "off" ? [] : target.knownHostsFiles;
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
const quotedPath = (path: string): string => `"${path.replaceAll("%", "%%").replace(/["\\]/g, "\\$&")}"`;
