import type { Become, HostKeyPolicy, Target } from "../core/connection.ts";
import type { Secret } from "../core/secret.ts";
import { type ConnectionSource, connectionValues } from "./connection_values.ts";
import type { InventoryHost } from "./inventory.ts";
import type { Vars } from "./play.ts";
import { absolutePath } from "./readers.ts";
import type { Settings } from "./settings.ts";
import type { SshArguments } from "./ssh_arguments.ts";
import { wayFrom } from "./way.ts";

/** Where relative paths and `~` of connection variables begin. */
export interface Login {
  readonly home: string;
  /** The folder kofleet was started in: relative paths begin there. */
  readonly cwd: string;
}

/** What the command line and the play say. As in Ansible the inventory's variables win over these, and only `extraVars` over the inventory. */
export interface Overrides {
  readonly user?: string;
  readonly privateKeyFile?: string;
  readonly password?: Secret;
  /** Seconds until a connection must stand. */
  readonly timeout?: number;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly becomePassword?: Secret;
  readonly extraVars?: Vars;
}

/** How a host is reached and, where another user's rights are wanted, how they are got. */
export interface Reach {
  readonly target: Target;
  readonly become?: Become;
}

/** Puts together how a host is reached: settings, then the command line, then the inventory's variables, then extra vars. Throws a ConfigError at the variable that cannot be read. */
export function targetOf(host: InventoryHost, settings: Settings, overrides: Overrides, login: Login): Reach {
  const values = connectionValues(host, overrides.extraVars ?? {});
  const become = becomeOf(values, overrides);
  return { target: targetFrom(host.name, values, settings, overrides, login), ...(become && { become }) };
}

/** By which methods these hosts give another user's rights, each once, in alphabetical order. */
export const becomeMethods = (hosts: Iterable<InventoryHost>, extraVars: Vars): readonly Become["method"][] =>
  [...new Set([...hosts].map((host) => connectionValues(host, extraVars).becomeMethod()))].sort();

function targetFrom(name: string, values: ConnectionSource, settings: Settings, overrides: Overrides, login: Login): Target {
  const said = values.sshArguments();
  const path = (text: string) => absolutePath(text, login.cwd, login.home);
  const sshConfig = values.text("sshConfig") ?? said.sshConfig ?? settings.sshConfig;
  return {
    name,
    transport: values.transport(),
    address: values.text("host") ?? name,
    connectTimeout: values.count("timeout") ?? overrides.timeout ?? settings.timeout ?? 10,
    ...(sshConfig !== undefined && { sshConfig: sshConfig === "none" ? sshConfig : path(sshConfig) }),
    ...wayFrom(name, values, said, settings),
    ...accountFrom(values, said, settings, overrides),
    ...keyFrom(values, said, settings, overrides, path),
    ...trustFrom(values, said, settings, path),
    ...(said.aliveInterval !== undefined && { aliveInterval: said.aliveInterval }),
    ...(said.aliveCountMax !== undefined && { aliveCountMax: said.aliveCountMax }),
  };
}

type Account = Pick<Target, "port" | "user" | "password">;

function accountFrom(values: ConnectionSource, said: SshArguments, settings: Settings, overrides: Overrides): Account {
  const port = values.count("port", 65_535) ?? said.port;
  const user = values.text("user") ?? said.user ?? overrides.user ?? settings.user;
  const password = values.secret("password") ?? overrides.password;
  return { ...(port !== undefined && { port }), ...(user !== undefined && { user }), ...(password && { password }) };
}

type Key = Pick<Target, "privateKeyFile" | "privateKeyPassphrase" | "forwardAgent">;
type Path = (text: string) => string;

function keyFrom(values: ConnectionSource, said: SshArguments, settings: Settings, overrides: Overrides, path: Path): Key {
  const privateKeyFile = values.text("privateKeyFile") ?? said.privateKeyFile ?? overrides.privateKeyFile ?? settings.privateKeyFile;
  const privateKeyPassphrase = values.secret("privateKeyPassphrase");
  const forwardAgent = values.flag("forwardAgent") ?? said.forwardAgent ?? settings.forwardAgent;
  return {
    ...(privateKeyFile !== undefined && { privateKeyFile: path(privateKeyFile) }),
    ...(privateKeyPassphrase && { privateKeyPassphrase }),
    ...(forwardAgent !== undefined && { forwardAgent }),
  };
}

type Trust = Pick<Target, "knownHostsFiles" | "hostKeyPolicy">;

function trustFrom(values: ConnectionSource, said: SshArguments, settings: Settings, path: Path): Trust {
  const knownHostsFiles = (values.texts("knownHosts") ?? said.knownHosts)?.map(path) ?? settings.knownHosts;
  const policy = hostKeyPolicy(values) ?? said.hostKeyPolicy ?? settings.hostKeyPolicy;
  return { ...(knownHostsFiles && { knownHostsFiles }), ...(policy && { hostKeyPolicy: policy }) };
}

function hostKeyPolicy(values: ConnectionSource): HostKeyPolicy | undefined {
  const own = values.policy();
  if (own !== undefined) return own;
  const isChecked = values.flag("hostKeyChecking");
  if (isChecked === undefined) return undefined;
  return isChecked ? "strict" : "off";
}

function becomeOf(values: ConnectionSource, overrides: Overrides): Become | undefined {
  if (!(values.flag("become") ?? overrides.become ?? false)) return undefined;
  const password = values.secret("becomePassword") ?? overrides.becomePassword;
  return {
    method: values.becomeMethod(),
    user: values.text("becomeUser") ?? overrides.becomeUser ?? "root",
    ...(password && { password }),
  };
}
