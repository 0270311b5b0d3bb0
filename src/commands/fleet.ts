import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Inventory, InventoryHost } from "../config/inventory.ts";
import { readLimit } from "../config/limit.ts";
import { loadInventory } from "../config/load_inventory.ts";
import { selectHosts } from "../config/pattern.ts";
import type { Vars } from "../config/play.ts";
import type { SecretSources } from "../config/secret_sources.ts";
import { loadSettings, type Settings } from "../config/settings.ts";
import { becomeMethods, type Login, type Overrides, type Reach, targetOf } from "../config/target.ts";
import { createVault } from "../config/vault.ts";
import { ConfigError } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { type Folders, xdgFolders } from "../store/xdg.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";
import { parseExtraVars } from "./extra_vars.ts";
import { vaultPasswords } from "./vault_passwords.ts";

/** The inventory as this call of kofleet sees it, and how its hosts are reached. */
export interface Fleet {
  readonly inventory: Inventory;
  readonly settings: Settings;
  readonly folders: Folders;
  /** What secrets are found with that files only point at or hold encrypted. */
  readonly secrets: SecretSources;
  readonly extraVars: Vars;
  /** How many hosts are at work at once. */
  readonly forks: number;
  /** The hosts of a pattern within `--limit`. Throws a ConfigError where there are none, unless `--allow-empty`. */
  select(pattern: string): readonly string[];
  host(name: string): InventoryHost;
  /** How a host is reached, with the rights that a play's or the user's `become` gives. */
  reach(name: string, become?: boolean): Reach;
  /** Finds the passwords that these hosts are reached with. Throws a ConfigError where one can't be decrypted or looked up, so that it is told before any host is touched. */
  unlock(names: readonly string[], become?: boolean): void;
}

/** Reads settings and inventory, with the vars folders beside a playbook if there is one, and asks for the passwords the user wants to be asked for. */
export async function openFleet(options: CommonOptions, console: Console, playbookFolder?: string): Promise<Fleet> {
  const folders = xdgFolders(console.environment);
  const settings = await loadSettings({ cwd: console.cwd, config: folders.config, home: console.home });
  const vault = createVault(await vaultPasswords(options, settings, console));
  const secrets: SecretSources = { vault, environment: console.environment, home: console.home };
  const inventory = await loadInventory(await inventorySources(options, settings, console), secrets, playbookFolder);
  const limit = options.limit === undefined ? undefined : await readLimit(inventory, options.limit);
  const extraVars = await parseExtraVars(options.extraVars ?? [], console.cwd, secrets);
  const overrides = await overridesOf(options, inventory, extraVars, console);
  const login: Login = { home: console.home, cwd: console.cwd };
  const host = (name: string): InventoryHost => {
    const found = inventory.hosts.get(name);
    if (found) return found;
    throw new ConfigError(`"${name}" is not a host of the inventory`);
  };
  const reach = (name: string, become = options.become): Reach =>
    targetOf(host(name), settings, { ...overrides, ...(become !== undefined && { become }) }, login);
  return {
    inventory,
    settings,
    folders,
    secrets,
    extraVars,
    forks: options.forks ?? settings.forks ?? 50,
    select: (pattern) => selectHosts(inventory, pattern, limit, { allowEmpty: options.allowEmpty ?? false }),
    host,
    reach,
    unlock: (names, become) => {
      for (const name of names) revealAll(reach(name, become));
    },
  };
}

function revealAll({ target, become }: Reach): void {
  for (const secret of [target.password, target.privateKeyPassphrase, become?.password]) secret?.reveal();
}

/** `-i`, then what the settings name, then ./inventory.yaml. */
async function inventorySources({ inventory }: CommonOptions, settings: Settings, { cwd }: Console): Promise<readonly string[]> {
  const named = inventory ?? settings.inventory;
  if (named && named.length > 0) return named;
  const standard = join(cwd, "inventory.yaml");
  await access(standard).catch((cause: unknown) => {
    throw new ConfigError(`no inventory: give one with -i FILE, write ./inventory.yaml, or name one in kofleet.yaml`, undefined, { cause });
  });
  return [standard];
}

async function overridesOf(options: CommonOptions, inventory: Inventory, extraVars: Vars, console: Console): Promise<Overrides> {
  const password = options.askPass ? await askSecret("Login password: ", console) : undefined;
  const methods = () => becomeMethods(inventory.hosts.values(), extraVars).join(" or ");
  const becomePassword = options.askBecomePass ? await askSecret(`${methods()} password: `, console) : undefined;
  return {
    extraVars,
    ...(options.user !== undefined && { user: options.user }),
    ...(options.privateKey !== undefined && { privateKeyFile: options.privateKey }),
    ...(options.timeout !== undefined && { timeout: options.timeout }),
    ...(password && { password }),
    ...(becomePassword && { becomePassword }),
  };
}

const askSecret = async (question: string, console: Console): Promise<Secret> =>
  new Secret(await console.ask(question, { isSecret: true }));
