import { absolutePath } from "../config/readers.ts";
import type { Settings } from "../config/settings.ts";
import type { VaultPassword } from "../config/vault.ts";
import { readVaultPassword } from "../config/vault_password.ts";
import { Secret } from "../core/secret.ts";
import type { CommonOptions } from "./common_options.ts";
import type { Console } from "./console.ts";

/** Where one vault password comes from: a file, or a person. */
interface VaultId {
  readonly label: string;
  readonly source: { readonly file: string } | "prompt";
}

/** Ansible's label of passwords without one. */
const unnamed = "default";

/** The vault passwords in the order they are tried: `--vault-id`, `--vault-password-file`, what environment or else settings name, `--ask-vault-pass`. Each is asked for once. */
export async function vaultPasswords(options: CommonOptions, settings: Settings, console: Console): Promise<readonly VaultPassword[]> {
  const passwords: VaultPassword[] = [];
  for (const { label, source } of vaultIds(options, settings, console.environment)) {
    const password = source === "prompt" ? await ask(label, console) : await read(source.file, label, console);
    passwords.push({ label, password });
  }
  return passwords;
}

function vaultIds(options: CommonOptions, settings: Settings, environment: Console["environment"]): readonly VaultId[] {
  const named = environment.ANSIBLE_VAULT_PASSWORD_FILE;
  const files = [...(options.vaultPasswordFile ?? []), ...(named ? [named] : (settings.vaultPasswordFiles ?? []))];
  return [
    ...(options.vaultId ?? []).map(parseVaultId),
    ...files.map((file) => ({ label: unnamed, source: { file } })),
    ...(options.askVaultPass ? [{ label: unnamed, source: "prompt" as const }] : []),
  ];
}

/** `LABEL@FILE`, `LABEL@prompt`, or without a label. */
function parseVaultId(text: string): VaultId {
  const at = text.indexOf("@");
  const label = at === -1 ? "" : text.slice(0, at);
  const source = text.slice(at + 1);
  return { label: label || unnamed, source: source === "prompt" ? source : { file: source } };
}

async function ask(label: string, console: Console): Promise<Secret> {
  const question = label === unnamed ? "Vault password: " : `Vault password (${label}): `;
  return new Secret(await console.ask(question, { isSecret: true }));
}

async function read(file: string, label: string, { cwd, home, error }: Console): Promise<Secret> {
  const { password, warning } = await readVaultPassword(absolutePath(file, cwd, home), label);
  if (warning !== undefined) error.write(`warning: ${warning}\n`);
  return password;
}
