import { ConfigError, type Position } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { decryptVaultText, parseVaultText, type VaultText } from "./vault_text.ts";

/** A password of encrypted texts. */
export interface VaultPassword {
  /** The vault id of the texts it is for; it is tried on others too. */
  readonly label: string;
  readonly password: Secret;
}

/** Decrypts what Ansible Vault encrypted. */
export interface Vault {
  /** Decrypts a text. Throws a ConfigError at its place. */
  open(text: string, position: Position): string;
  /** A value that is decrypted when it is first revealed. Throws a ConfigError, now for what was never encrypted, then where no password opens it. */
  secret(text: string, position: Position): Secret;
}

/** A vault with its passwords; those with a text's own label are tried first, then all others in their order. Each text is decrypted once. */
export function createVault(passwords: readonly VaultPassword[]): Vault {
  const opened = new Map<string, string>();
  const open = (text: string, position: Position): string => {
    const plain = opened.get(text) ?? decrypt(parseVaultText(text, position), passwords, position);
    opened.set(text, plain);
    return plain;
  };
  return {
    open,
    secret: (text, position) => {
      parseVaultText(text, position);
      return new Secret(() => open(text, position));
    },
  };
}

function decrypt(vault: VaultText, passwords: readonly VaultPassword[], position: Position): string {
  if (passwords.length === 0)
    throw new ConfigError(
      "this is encrypted, and there is no vault password: give --vault-password-file FILE, --vault-id LABEL@FILE or --ask-vault-pass, or set vault_password_file in kofleet.yaml",
      position,
    );
  const isOwn = ({ label }: VaultPassword): boolean => label === vault.label;
  const ordered = [...passwords.filter(isOwn), ...passwords.filter((password) => !isOwn(password))];
  for (const { password } of ordered) {
    const bytes = decryptVaultText(vault, password.reveal());
    if (bytes !== undefined) return decode(bytes, position);
  }
  throw new ConfigError(refusal(vault, ordered), position);
}

function refusal({ label }: VaultText, tried: readonly VaultPassword[]): string {
  const names = [...new Set(tried.map((password) => password.label))].join(", ");
  const wanted = label === undefined ? "this" : `this text with the vault id "${label}"`;
  return `no vault password opens ${wanted}: wrong password (tried: ${names}), or the encrypted text was changed`;
}

function decode(bytes: Buffer, position: Position): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfigError("what is encrypted here is not UTF-8 text", position);
  }
}
