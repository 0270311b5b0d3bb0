import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { parse } from "node:path";
import { ConfigError, messageOf } from "../core/error.ts";
import { Secret } from "../core/secret.ts";

/** A vault password as a file says it, and what should be mended about that file. */
export interface PasswordFile {
  readonly password: Secret;
  readonly warning?: string;
}

/** Reads a vault password as Ansible does: the file's text, or where it may be executed what it prints. Throws a ConfigError where there is none. */
export function readVaultPassword(path: string, label: string): PasswordFile {
  const { mode, text } = look(path);
  const isProgram = (mode & 0o111) !== 0;
  const password = isProgram ? printed(path, text, label) : text.trim();
  if (password === "") throw new ConfigError(`the vault password file ${path} ${isProgram ? "printed nothing" : "is empty"}`);
  const isOpen = !isProgram && (mode & 0o004) !== 0;
  return {
    password: new Secret(password),
    ...(isOpen && { warning: `everybody on this machine may read the vault password in ${path}: chmod o-r it` }),
  };
}

function look(path: string): { readonly mode: number; readonly text: string } {
  try {
    return { mode: statSync(path).mode, text: readFileSync(path, "utf8") };
  } catch (cause) {
    throw new ConfigError(`cannot read the vault password file ${path}: ${messageOf(cause)}`, undefined, { cause });
  }
}

/** Ansible tells programs named "…-client" the vault id. Terminal and messages are the program's own: it may ask. */
function printed(path: string, text: string, label: string): string {
  // Node gives what the kernel can't run to a shell, which would print the password as a command that it does not find.
  if (!/^(?:#!|\x7fELF)/.test(text))
    throw new ConfigError(`the vault password file ${path} may be executed but is no program: chmod -x it, or give it a first line #!`);
  const args = parse(path).name.endsWith("-client") ? ["--vault-id", label] : [];
  const { error, status, signal, stdout } = spawnSync(path, args, { stdio: ["inherit", "pipe", "inherit"], encoding: "utf8" });
  if (error !== undefined)
    throw new ConfigError(`cannot run the vault password file ${path}: ${error.message}`, undefined, { cause: error });
  if (status !== 0) throw new ConfigError(`the vault password file ${path} ended with ${signal ?? `exit code ${status}`}`);
  return stdout.replace(/[\r\n]+$/, "");
}
