import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readVaultPassword } from "../../src/config/vault_password.ts";
import { ConfigError } from "../../src/core/error.ts";

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
  ["text that may be executed", "hunter2", 0o700, "hunter2"],
  ["told-nothing", program('echo "password $*"'), 0o700, "password "],
  ["pass-client", program('echo "password $*"'), 0o700, "password --vault-id prod"],
  ["pass-client.sh", program('echo "password $*"'), 0o700, "password --vault-id prod"],
])("%s", async (name, text, mode, expected) => {
  const { password, warning } = await readVaultPassword(file(name, text, mode), "prod");
  expect(password.reveal()).toBe(expected);
  expect(warning).toBeUndefined();
});

test("a file that everybody may read is told of", async () => {
  const path = file("open", "x", 0o644);
  expect((await readVaultPassword(path, "prod")).warning).toBe(
    `everybody on this machine may read the vault password in ${path}: chmod o-r it`,
  );
});

test.each([
  ["empty", " \n", 0o600, "the vault password file FILE is empty"],
  ["silent", program(":"), 0o700, "the vault password file FILE printed nothing"],
  ["failing", program("echo hunter2; exit 3"), 0o700, "the vault password file FILE ended with exit code 3"],
  ["killed", program("kill -9 $$"), 0o700, "the vault password file FILE ended with SIGKILL"],
  ["script", program("echo hunter2"), 0o600, "FILE begins with #! but may not be executed: chmod +x it, or remove that line"],
  ["no-shell", "#!/no/such\n", 0o700, "cannot run the vault password file FILE: spawnSync FILE ENOENT"],
])("%s is refused", async (name, text, mode, message) => {
  const path = file(name, text, mode);
  await expect(readVaultPassword(path, "prod")).rejects.toThrow(new ConfigError(message.replaceAll("FILE", path)));
});

test("a file that is not there is named", async () => {
  await expect(readVaultPassword(join(folder, "none"), "prod")).rejects.toThrow(/^cannot read the vault password file .*none: ENOENT/);
});
