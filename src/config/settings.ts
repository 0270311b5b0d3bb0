import { access } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { HostKeyPolicy } from "../core/connection.ts";
import { ConfigError, type Position } from "../core/error.ts";
import { didYouMean } from "../core/nearest.ts";
import { readCount, readFailureBudget, readFlag, readPath, readPaths, readText, readWord, readWords } from "./readers.ts";
import { noSecretSources } from "./secret_sources.ts";
import { readYaml } from "./yaml.ts";
import { describeNode, isEmpty, type YamlEntry, type YamlNode } from "./yaml_node.ts";

/** What kofleet.yaml may say; absent where it says nothing. Paths are absolute. */
export interface Settings {
  readonly inventory?: readonly string[];
  /** How many hosts are worked on at once. */
  readonly forks?: number;
  readonly user?: string;
  readonly privateKeyFile?: string;
  /** Hosts to go through, the nearest first. */
  readonly jumps?: readonly string[];
  readonly proxyCommand?: string;
  readonly forwardAgent?: boolean;
  /** A file in place of OpenSSH's own; "none": neither. */
  readonly sshConfig?: string;
  readonly hostKeyPolicy?: HostKeyPolicy;
  readonly knownHosts?: readonly string[];
  /** Seconds until a connection must stand. */
  readonly timeout?: number;
  /** Folder of the artifacts. */
  readonly artifacts?: string;
  /** Folder of the run journals. */
  readonly runs?: string;
  /** The key that signs the provenance of artifacts: a private one, or the public half of one that the agent holds. */
  readonly signingKey?: string;
  /** Who may sign, as ssh-keygen(1) describes such files. */
  readonly allowedSigners?: string;
  /** Whether hosts are given only artifacts that an allowed signer signed. */
  readonly requireSigned?: boolean;
  /** The private key that signs modules, in PEM. */
  readonly moduleSigningKey?: string;
  /** Its passphrase, as secrets are written. */
  readonly moduleSigningPassphrase?: { readonly text: string; readonly position: Position };
  /** The certificate of that key, in PEM or DER: the one that hosts have enrolled. */
  readonly moduleSigningCertificate?: string;
  /** Who signs modules with that key; default: control. */
  readonly moduleSigningOn?: SigningPlace;
  /** Files that hold or print passwords of Ansible Vault. */
  readonly vaultPasswordFiles?: readonly string[];
  /** How many hosts may fail before a run stops. */
  readonly maxFail?: number | `${number}%`;
}

/** Host-key policies by what they are called in files. */
export const hostKeyPolicies = ["strict", "accept-new", "off"] as const satisfies readonly HostKeyPolicy[];

/** Where modules are signed: on this machine, as they come into the store, or by the dkms of builders, which hold the key. */
const signingPlaces = ["control", "builders"] as const;
export type SigningPlace = (typeof signingPlaces)[number];

type Reader = (node: YamlNode, base: Base) => Settings;
/** What relative paths and `~` begin with. */
interface Base {
  readonly folder: string;
  readonly home: string;
}

const readers: Readonly<Record<string, Reader>> = {
  inventory: (node, base) => ({ inventory: readInventories(node, base) }),
  forks: (node) => ({ forks: readCount(node) }),
  user: (node) => ({ user: readText(node) }),
  private_key_file: (node, { folder, home }) => ({ privateKeyFile: readPath(node, folder, home) }),
  jump_host: (node) => ({ jumps: readWords(node) }),
  proxy_command: (node) => ({ proxyCommand: readText(node) }),
  forward_agent: (node) => ({ forwardAgent: readFlag(node) }),
  ssh_config: (node, { folder, home }) => ({ sshConfig: readText(node) === "none" ? "none" : readPath(node, folder, home) }),
  host_key_policy: (node) => ({ hostKeyPolicy: readWord(node, hostKeyPolicies) }),
  known_hosts: (node, { folder, home }) => ({ knownHosts: readPaths(node, folder, home) }),
  timeout: (node) => ({ timeout: readCount(node) }),
  artifacts: (node, { folder, home }) => ({ artifacts: readPath(node, folder, home) }),
  runs: (node, { folder, home }) => ({ runs: readPath(node, folder, home) }),
  signing_key: (node, { folder, home }) => ({ signingKey: readPath(node, folder, home) }),
  allowed_signers: (node, { folder, home }) => ({ allowedSigners: readPath(node, folder, home) }),
  require_signed: (node) => ({ requireSigned: readFlag(node) }),
  module_signing_key: (node, { folder, home }) => ({ moduleSigningKey: readPath(node, folder, home) }),
  module_signing_passphrase: (node) => ({ moduleSigningPassphrase: { text: readText(node), position: node.position } }),
  module_signing_certificate: (node, { folder, home }) => ({ moduleSigningCertificate: readPath(node, folder, home) }),
  module_signing_on: (node) => ({ moduleSigningOn: readWord(node, signingPlaces) }),
  vault_password_file: (node, { folder, home }) => ({ vaultPasswordFiles: readPaths(node, folder, home) }),
  max_fail: (node) => ({ maxFail: readFailureBudget(node) }),
};

/** What has a comma names hosts, anything else a path. */
const readInventories = (node: YamlNode, { folder, home }: Base): string[] =>
  (node.kind === "list" ? node.items : [node]).map((item) =>
    readText(item).includes(",") ? readText(item) : readPath(item, folder, home),
  );

/** Where settings are looked for. */
export interface SettingsPlaces {
  /** The folder kofleet was started in. */
  readonly cwd: string;
  /** kofleet's folder under the user's XDG configuration folder. */
  readonly config: string;
  readonly home: string;
}

/** What `kofleet.yaml` says, in the folder kofleet was started in and in the user's configuration folder; the former wins key by key. Neither need exist. */
export async function loadSettings({ cwd, config, home }: SettingsPlaces): Promise<Settings> {
  const [own, local] = await Promise.all([config, cwd].map((folder) => readSettings(join(folder, "kofleet.yaml"), home)));
  return { ...own, ...local };
}

async function readSettings(path: string, home: string): Promise<Settings> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  return exists ? parseSettings(await readYaml(path, noSecretSources), { folder: dirname(resolve(path)), home }) : {};
}

/** Checks what a settings file says. Throws a ConfigError with its place. */
export function parseSettings(root: YamlNode, base: Base): Settings {
  if (isEmpty(root)) return {};
  if (root.kind !== "map") throw new ConfigError(`settings are a map; this is ${describeNode(root)}`, root.position);
  return [...root.entries].reduce<Settings>((all, [key, entry]) => Object.assign(all, readSetting(key, entry, base)), {});
}

function readSetting(key: string, { position, value }: YamlEntry, base: Base): Settings {
  const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
  if (reader === undefined) throw new ConfigError(`there is no setting "${key}"${didYouMean(key, Object.keys(readers))}`, position);
  return reader(value, base);
}
