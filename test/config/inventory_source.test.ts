import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadInventory } from "../../src/config/load_inventory.ts";
import { noSecretSources } from "../../src/config/secret_sources.ts";
import { createVault } from "../../src/config/vault.ts";
import { Secret } from "../../src/core/secret.ts";
import { fixtures } from "./oracle/ask_ansible.ts";
import { encrypt } from "./vault_fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kofleet-"));
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  return path;
};
const load = (...sources: string[]) => loadInventory(sources, noSecretSources);
const complaintOf = (source: string): Promise<string> =>
  load(source).then(
    () => "nothing",
    (error: Error) => error.message.replaceAll(folder, "DIR").replaceAll(fixtures, "FIXTURES"),
  );

describe("what can't be read is named", () => {
  test.each([
    ["programs/broken_exit", "FIXTURES/programs/broken_exit --list ended with exit code 3\nno credentials: log in first"],
    ["programs/broken_json", "FIXTURES/programs/broken_json --list printed no valid JSON"],
    ["programs/broken_list", "FIXTURES/programs/broken_list: --list should be answered with a JSON object; this is a list"],
    ["programs/broken_hosts", 'FIXTURES/programs/broken_hosts: the hosts of "web" are a list; this is "w1"'],
    ["programs/forgotten.sh", "FIXTURES/programs/forgotten.sh begins with #! but may not be executed: chmod +x it, or remove that line"],
    ["yaml/plugin.yaml", `FIXTURES/yaml/plugin.yaml:1:9: this configures Ansible's inventory plugin "nosuch.cloud.inventory"`],
    ["ini/nosuch", "cannot read FIXTURES/ini/nosuch: ENOENT"],
  ])("%s", async (name, message) => {
    expect(await complaintOf(join(fixtures, name))).toContain(message);
  });

  test("a host without its comma, TOML, and a folder without inventories", async () => {
    expect(await complaintOf("web01.nosuch")).toContain("(a host's own name needs a comma: -i web01.nosuch,)");
    expect(await complaintOf(await write("hosts.toml", "[web]\n"))).toBe(
      "DIR/hosts.toml: TOML is not read: write the inventory as YAML or INI",
    );
    await write("empty/group_vars/all.yml", "a: 1\n");
    await write("empty/notes.txt", "");
    expect(await complaintOf(join(folder, "empty"))).toContain("the folder DIR/empty holds no inventory");
  });

  test("a link into nothing", async () => {
    await write("dangling/hosts", "w1\n");
    await symlink("/nonexistent/hosts", join(folder, "dangling/more"));
    expect(await complaintOf(join(folder, "dangling"))).toContain("cannot read DIR/dangling/more: ENOENT");
  });

  test("a vars file that is no map", async () => {
    const source = await write("list/hosts", "w1\n");
    await write("list/host_vars/w1.yml", "- a\n");
    expect(await complaintOf(source)).toBe("DIR/list/host_vars/w1.yml:1:1: variables are a map: name: value");
  });
});

test.each([
  ["---\nweb: {hosts: {w: }}"],
  ["\n# x\n\nweb:\n  hosts: {w: }"],
  ["{web: {hosts: {w: }}}"],
  ['"web": {hosts: w}'],
  ["%YAML 1.1\n---\nweb: {hosts: w}"],
  ["[web]\nw"],
  ["; web:\n[web]\nw"],
  ["[web] # web:\nw"],
])("without an extension the first line tells YAML from INI: %j", async (text) => {
  const { groups } = await load(await write("hosts", text));
  expect(groups.get("web")?.hosts).toEqual(["w"]);
});

test("an encrypted INI file is read, and not quoted where it is wrong", async () => {
  const vault = createVault([{ label: "default", password: new Secret("horse") }]);
  const secrets = { ...noSecretSources, vault };
  const right = await write("encrypted", encrypt("[web]\nw1 x=1\n", { password: "horse" }));
  const wrong = await write("encrypted.ini", encrypt("[web]\nw1 hunter2\n", { password: "horse" }));
  expect((await loadInventory([right], secrets)).hosts.get("w1")?.vars).toEqual({ x: 1 });
  await expect(loadInventory([wrong], secrets)).rejects.toThrow(`${wrong}:2:4: what is encrypted here is no valid inventory`);
});

test("what ansible-inventory prints of encrypted values is decrypted", async () => {
  const vault = createVault([{ label: "default", password: new Secret("horse") }]);
  const vars = { password: { __ansible_vault: encrypt("hunter2", { password: "horse" }) }, note: { __ansible_unsafe: "{{ x }}" } };
  const answer = await write("answer.json", JSON.stringify({ web: ["w1"], _meta: { hostvars: { w1: vars } } }));
  const program = await write("program", `#!/bin/sh\ncat ${answer}\n`);
  await chmod(program, 0o755);
  const { password, note } = (await loadInventory([program], { ...noSecretSources, vault })).hosts.get("w1")?.vars ?? {};
  expect([password instanceof Secret && password.reveal(), note]).toEqual(["hunter2", "{{ x }}"]);
});

test("links are followed, to folders too", async () => {
  const source = await write("linked/hosts", "w1\n");
  await write("elsewhere/w1/a.yml", "a: 1\n");
  await symlink(join(folder, "elsewhere"), join(folder, "linked/host_vars"));
  expect((await load(source)).hosts.get("w1")?.vars).toEqual({ a: 1 });
});

test("a folder named twice counts where it is named last", async () => {
  const one = await write("one/hosts", "w1\n");
  const two = await write("two/hosts", "w1\n");
  await write("one/host_vars/w1", "from: one\n");
  await write("two/host_vars/w1", "from: two\n");
  const sources = (await load(one, two, one)).hosts.get("w1")?.sources ?? [];
  expect(sources.map(({ vars }) => vars.get("from")?.value)).toEqual(["two", "one"]);
});
