import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readVaultPassword } from "../../src/config/vault_password.ts";
import { complaint } from "./parse.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-vault-"));
const file = (name: string, text: string, mode: number): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
const program = (text: string): string => `#!/bin/sh\n${text}\n`;

test.each([
  ["text", " correct horse \n", 0o600, "correct horse"],
  ["program", program("printf '  correct horse\\r\\n\\n'"), 0o700, "  correct horse"],
  ["told-nothing", program('echo "password $*"'), 0o700, "password "],
  ["pass-client", program('echo "password $*"'), 0o700, "password --vault-id prod"],
  ["pass-client.sh", program('echo "password $*"'), 0o700, "password --vault-id prod"],
])("%s", (name, text, mode, expected) => {
  const { password, warning } = readVaultPassword(file(name, text, mode), "prod");
  expect(password.reveal()).toBe(expected);
  expect(warning).toBeUndefined();
});

test("a file that everybody may read is told of", () => {
  const path = file("open", "x", 0o644);
  expect(readVaultPassword(path, "prod").warning).toBe(`everybody on this machine may read the vault password in ${path}: chmod o-r it`);
});

test.each([
  ["empty", " \n", 0o600, "the vault password file FILE is empty"],
  ["silent", program(":"), 0o700, "the vault password file FILE printed nothing"],
  ["failing", program("echo hunter2; exit 3"), 0o700, "the vault password file FILE ended with exit code 3"],
  ["killed", program("kill -9 $$"), 0o700, "the vault password file FILE ended with SIGKILL"],
  ["text-x", "hunter2", 0o700, "the vault password file FILE may be executed but is no program: chmod -x it, or give it a first line #!"],
  ["no-shell", "#!/no/such\n", 0o700, "cannot run the vault password file FILE: spawnSync FILE ENOENT"],
])("%s is refused", (name, text, mode, message) => {
  const path = file(name, text, mode);
  expect(complaint(() => readVaultPassword(path, "prod"))).toBe(message.replaceAll("FILE", path));
});

test("a file that is not there is named", () => {
  expect(complaint(() => readVaultPassword(join(folder, "none"), "prod"))).toMatch(/^cannot read the vault password file .*none: ENOENT/);
});
