import type { Become, HostKeyPolicy, Target } from "../core/connection.ts";
import type { Secret } from "../core/secret.ts";
import { type ConnectionSource, connectionValues } from "./connection_values.ts";
import type { InventoryHost } from "./inventory.ts";
import type { Vars } from "./play.ts";
import { absolutePath } from "./readers.ts";
import type { Settings } from "./settings.ts";

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
  const privateKeyFile = values.text("privateKeyFile") ?? overrides.privateKeyFile ?? settings.privateKeyFile;
  const password = values.secret("password") ?? overrides.password;
  const privateKeyPassphrase = values.secret("privateKeyPassphrase");
  const port = values.count("port", 65_535);
  const user = values.text("user") ?? overrides.user ?? settings.user;
  const policy = hostKeyPolicy(values, settings);
  const knownHosts = values.texts("knownHosts")?.map((path) => absolutePath(path, login.cwd, login.home)) ?? settings.knownHosts;
  return {
    name,
    transport: values.transport(),
    address: values.text("host") ?? name,
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(knownHosts && { knownHostsFiles: knownHosts }),
    ...(policy && { hostKeyPolicy: policy }),
    connectTimeout: values.count("timeout") ?? overrides.timeout ?? settings.timeout ?? 10,
    ...(password && { password }),
    ...(privateKeyFile !== undefined && { privateKeyFile: absolutePath(privateKeyFile, login.cwd, login.home) }),
    ...(privateKeyPassphrase && { privateKeyPassphrase }),
  };
}

function hostKeyPolicy(values: ConnectionSource, settings: Settings): HostKeyPolicy | undefined {
  const own = values.policy();
  if (own !== undefined) return own;
  const isChecked = values.flag("hostKeyChecking");
  if (isChecked === undefined) return settings.hostKeyPolicy;
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
