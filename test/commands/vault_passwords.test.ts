import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CommonOptions } from "../../src/commands/common_options.ts";
import { openFleet } from "../../src/commands/fleet.ts";
import { hosts } from "../../src/commands/hosts.ts";
import { encrypt, tagged } from "../config/vault_fixture.ts";
import { type TestConsole, testConsole } from "./console_fixture.ts";

const color = true;
const value = (password: string, text = "hunter2", label?: string) =>
  tagged(encrypt(text, { password, ...(label !== undefined && { label }) }), 6);

/** An inventory of one host whose password is encrypted. */
const setUp = (password: string, { answers = [], environment = {} }: { answers?: string[]; environment?: Record<string, string> } = {}) => {
  const console = testConsole(answers, environment);
  console.write("inventory.yaml", `all:\n  hosts: {web1: {connection: local}}\n  vars:\n    password: ${value(password)}`);
  return console;
};
const file = (console: TestConsole, name: string, text: string, mode = 0o600): string => {
  const path = console.write(name, text);
  chmodSync(path, mode);
  return name;
};

async function passwordOf(console: TestConsole, options: Partial<CommonOptions>): Promise<string | undefined> {
  const fleet = await openFleet({ color, ...options }, console);
  fleet.unlock(["web1"]);
  return fleet.reach("web1").target.password?.reveal();
}

test("from files and programs, relative to the folder of the call", async () => {
  const console = setUp("b");
  const vaultPasswordFile = [file(console, "a", "a\n"), file(console, "b.sh", "#!/bin/sh\necho b\n", 0o700)];
  expect(await passwordOf(console, { vaultPasswordFile })).toBe("hunter2");
  expect(console.told()).toBe("");
});

test("from a person, once for each label", async () => {
  const console = setUp("b", { answers: ["a", "b"] });
  expect(await passwordOf(console, { vaultId: ["prod@prompt"], askVaultPass: true })).toBe("hunter2");
  expect(console.told()).toBe("Vault password (prod): Vault password: ");
});

test("from ~/ under a label, and from a path with an @ in it", async () => {
  const console = setUp("b");
  file(console, "at@b", "b");
  expect(await passwordOf(console, { vaultId: ["prod@~/at@b"] })).toBe("hunter2");
  await expect(passwordOf(console, { vaultId: ["plain"] })).rejects.toThrow(`cannot read the vault password file ${console.folder}/plain`);
});

test("from the environment, and else from the settings", async () => {
  const console = setUp("b");
  file(console, "b", "b");
  file(console, "wrong", "c");
  console.write("kofleet.yaml", "vault_password_file: b\n");
  expect(await passwordOf(console, {})).toBe("hunter2");
  const environment = { ...console.environment, ANSIBLE_VAULT_PASSWORD_FILE: "wrong" };
  await expect(passwordOf({ ...console, environment }, {})).rejects.toThrow("wrong password (tried: default)");
});

test("one that everybody may read is warned of", async () => {
  const console = setUp("b");
  await passwordOf(console, { vaultPasswordFile: [file(console, "b", "b", 0o644)] });
  expect(console.told()).toBe(`warning: everybody on this machine may read the vault password in ${console.folder}/b: chmod o-r it\n`);
});

test("without one, the inventory is read, and unlocking it names the value's place", async () => {
  const console = setUp("b");
  expect(await hosts("all", { color, vars: true }, console)).toBe(0);
  expect(console.printed()).toContain('password = "‹secret›"');
  await expect(passwordOf(console, {})).rejects.toThrow(
    `${join(console.folder, "inventory.yaml")}:4:22: this is encrypted, and there is no vault password: give --vault-password-file FILE`,
  );
});

test("-e decrypts whole files, and looks references up where kofleet was started", async () => {
  const console = setUp("b");
  file(console, "b", "b");
  file(console, "secret", "from a file\n");
  console.write("vars.yaml", encrypt("password: of the file\nport: 1\n", { password: "b" }));
  const given = async (...extraVars: string[]) => passwordOf(console, { vaultPasswordFile: ["b"], extraVars });
  expect(await given("@vars.yaml")).toBe("of the file");
  expect(await given("password=file:secret")).toBe("from a file");
  expect(await given('{"ansible_password": 5}')).toBe("5");
  expect(await given(`ansible_password={{mine}}`, "mine=indirect")).toBe("indirect");
  await expect(given("password=env:NONE")).rejects.toThrow("the environment variable NONE is not set");
});

test.each([
  ["pass-word=hunter2", "-e pass-word=…: expected key=value"],
  ['{"password": "hunter2"', "-e {…: not valid JSON"],
])("-e %s is refused without being shown", async (text, message) => {
  const error = await passwordOf(setUp("b"), { extraVars: [text] }).catch(String);
  expect(error).toContain(message);
  expect(error).not.toContain("hunter2");
});

test("a file whose text is no YAML once decrypted is not quoted", async () => {
  const console = testConsole();
  file(console, "b", "b");
  console.write("inventory.yaml", encrypt('all: {vars: {a: "hunter2\n', { password: "b" }));
  const error = await openFleet({ color, vaultPasswordFile: ["b"] }, console).catch(String);
  expect(error).toContain("inventory.yaml:2:1: what is encrypted here is no valid inventory");
  expect(error).not.toContain("hunter2");
});

test("the way Ansible's users keep them: a file of encrypted variables beside one that names them", async () => {
  const console = setUp("b");
  file(console, "b", "b");
  console.write("hosts", "[web]\nweb1 connection=local\n");
  mkdirSync(join(console.folder, "group_vars/web"), { recursive: true });
  console.write("group_vars/web/vars.yml", 'ansible_user: deploy\nansible_password: "{{ vault_password }}"\n');
  console.write("group_vars/web/vault.yml", `${encrypt("vault_password: hunter2\n", { password: "b" })}\n`);
  const options = { color, inventory: [join(console.folder, "hosts")], vaultPasswordFile: ["b"] };
  expect(await passwordOf(console, options)).toBe("hunter2");
  console.write("group_vars/web/vars.yml", 'ansible_password: "{{ vault_pasword }}"\n');
  await expect(passwordOf(console, options)).rejects.toThrow(
    'vars.yml:1:1: ansible_password must be a password, or the name of a variable that is one (did you mean "vault_password"?), not "{{ vault_pasword }}"',
  );
});

test("connection variables that are no passwords may be encrypted too", async () => {
  const console = setUp("b");
  file(console, "b", "b");
  console.write("inventory.yaml", `all:\n  hosts: {web1: }\n  vars:\n    port: ${value("b", "2222")}    user: ${value("b", "deploy")}`);
  const { target } = (await openFleet({ color, vaultPasswordFile: ["b"] }, console)).reach("web1");
  expect(target).toMatchObject({ port: 2222, user: "deploy" });
});
