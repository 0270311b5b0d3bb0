import type { Target } from "../core/connection.ts";
import type { Secret } from "../core/secret.ts";
import { expandPath, type TokenValues } from "./tokens.ts";

/** A key to log in with. */
export interface IdentityFile {
  readonly path: string;
  /** Whether somebody named it; the others are looked for, as ssh does. */
  readonly isNamed: boolean;
  readonly passphrase?: Secret;
}

/** What ssh tries on its own, as far as ssh2 can use it. */
const defaults = ["ed25519", "ecdsa", "rsa"].map((type) => `~/.ssh/id_${type}`);

/** The key that a target itself names. */
export const ownIdentity = ({ privateKeyFile: path, privateKeyPassphrase: passphrase }: Target): IdentityFile | undefined =>
  path === undefined ? undefined : { path, isNamed: true, ...(passphrase && { passphrase }) };

/** As with ssh -i, a key that the target names comes first and those of the configuration after it; where there is neither, those that ssh looks for. */
export function identityFilesOf(target: Target, configured: readonly string[] = defaults, tokens: TokenValues): readonly IdentityFile[] {
  const own = [ownIdentity(target) ?? []].flat();
  const paths = configured.filter((path) => path !== "none").map((path) => expandPath(path, tokens));
  const isNamed = !isDefault(configured);
  return [...own, ...(isNamed || own.length === 0 ? paths : []).map((path) => ({ path, isNamed }))];
}

/** Where no key is named `ssh -G` prints all those that ssh looks for. */
const isDefault = (paths: readonly string[]): boolean => paths.length > 2 && paths.every((path) => /^~\/\.ssh\/id_[a-z0-9_]+$/.test(path));
