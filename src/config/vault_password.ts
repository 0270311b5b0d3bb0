import { spawnSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { parse } from "node:path";
import { ConfigError, messageOf } from "../core/error.ts";
import { Secret } from "../core/secret.ts";
import { isProgram } from "./program.ts";

/** A vault password as a file says it, and what should be mended about that file. */
export interface PasswordFile {
  readonly password: Secret;
  readonly warning?: string;
}

/** Reads a vault password as Ansible does: the file's text, or what it prints where it is a program. Throws a ConfigError where there is none. */
export async function readVaultPassword(path: string, label: string): Promise<PasswordFile> {
  const { mode } = await stat(path).catch(refuse(path));
  const isRun = await isProgram(path);
  const text = isRun ? printed(path, label) : (await readFile(path, "utf8").catch(refuse(path))).trim();
  if (text === "") throw new ConfigError(`the vault password file ${path} ${isRun ? "printed nothing" : "is empty"}`);
  const isOpen = !isRun && (mode & 0o004) !== 0;
  return {
    password: new Secret(text),
    ...(isOpen && { warning: `everybody on this machine may read the vault password in ${path}: chmod o-r it` }),
  };
}

const refuse =
  (path: string) =>
  (cause: unknown): never => {
    throw new ConfigError(`cannot read the vault password file ${path}: ${messageOf(cause)}`, undefined, { cause });
  };

/** Ansible tells programs named "…-client" the vault id. Terminal and messages are the program's own: it may ask. */
function printed(path: string, label: string): string {
  const args = parse(path).name.endsWith("-client") ? ["--vault-id", label] : [];
  const { error, status, signal, stdout } = spawnSync(path, args, { stdio: ["inherit", "pipe", "inherit"], encoding: "utf8" });
  if (error !== undefined)
    throw new ConfigError(`cannot run the vault password file ${path}: ${error.message}`, undefined, { cause: error });
  if (status !== 0) throw new ConfigError(`the vault password file ${path} ended with ${signal ?? `exit code ${status}`}`);
  return stdout.replace(/[\r\n]+$/, "");
}
