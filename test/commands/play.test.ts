import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { play } from "../../src/commands/play.ts";
import { encrypt, tagged } from "../config/vault_fixture.ts";
import { localInventory, testConsole } from "./console_fixture.ts";

const setUp = (playbook: string, answers?: readonly string[]) => {
  const console = testConsole(answers);
  console.write("inventory.yaml", localInventory);
  return { console, file: console.write("play.yaml", playbook) };
};

test("plays a playbook on real hosts, here this machine under two names", async () => {
  const { console, file } = setUp(`
- name: Greet
  hosts: here
  tasks:
    - name: Say it
      command: echo {{greeting}} from {{inventory_hostname}}
      register: said
      changed_when: "false"
    - name: Keep it
      copy:
        dest: "{{folder}}/{{inventory_hostname}}"
        content: "{{said.stdout}}"
        mode: "0600"
`);
  expect(await play(file, "all", { color: true, extraVars: [`folder=${console.folder}`] }, console)).toBe(0);
  expect(readFileSync(join(console.folder, "here1"), "utf8")).toBe("hello from here1");
  expect(readFileSync(join(console.folder, "here2"), "utf8")).toBe("hello from here2");
  expect(console.printed()).toContain("2 hosts, 2 changed");
  expect(await play(file, "all", { color: true, extraVars: [`folder=${console.folder}`] }, console)).toBe(0);
  expect(console.printed()).toContain("2 hosts, 2 ok");
});

test("variables beside the playbook count", async () => {
  const { console } = setUp("");
  console.folders("books", "books/group_vars");
  const file = console.write(
    "books/play.yaml",
    '- hosts: here1\n  tasks:\n    - copy: { dest: "{{folder}}/said", content: "{{greeting}}" }\n',
  );
  console.write("books/group_vars/here.yml", "greeting: from the playbook\n");
  expect(await play(file, "all", { color: true, extraVars: [`folder=${console.folder}`] }, console)).toBe(0);
  expect(readFileSync(join(console.folder, "said"), "utf8")).toBe("from the playbook");
});

test("check mode writes nothing and says what would change", async () => {
  const { console, file } = setUp(`
- hosts: here
  tasks:
    - file: { path: "{{folder}}/made", state: directory }
    - copy: { dest: "{{folder}}/made/file", content: text }
`);
  expect(await play(file, "here1", { color: true, check: true, extraVars: [`folder=${console.folder}`] }, console)).toBe(0);
  expect(existsSync(join(console.folder, "made"))).toBe(false);
  expect(console.printed()).toContain("check mode, nothing was changed");
});

test("differences of files are told before they are written, but for what is secret or no text", async () => {
  const { console, file } = setUp(`
- hosts: here
  tasks:
    - copy: { dest: "{{folder}}/list", content: "one\\nTWO\\nthree\\n" }
    - copy: { dest: "{{folder}}/new", content: "made\\n" }
    - copy: { dest: "{{folder}}/bytes", content: "text" }
    - copy: { dest: "{{folder}}/hidden", content: "hunter2" }
      no_log: true
`);
  console.write("list", "one\ntwo\nthree\n");
  writeFileSync(join(console.folder, "bytes"), new Uint8Array([0, 159, 146, 150]));
  const options = { color: true, diff: true, check: true, extraVars: [`folder=${console.folder}`] };
  expect(await play(file, "here1", options, console)).toBe(0);
  const list = join(console.folder, "list");
  const told = console.told().replaceAll(/^\d\d:\d\d:\d\d /gm, "");
  expect(told).toContain(`--- ${list}\n+++ ${list}\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n`);
  expect(told).toContain(`--- /dev/null\n+++ ${join(console.folder, "new")}\n@@ -0,0 +1,1 @@\n+made\n`);
  expect(told).toContain("contents that are not compared: was 4 bytes, becomes 4 bytes");
  expect(told).not.toContain("hunter2");
  expect(readFileSync(list, "utf8")).toBe("one\ntwo\nthree\n");
});

test("a failure is the host's own, told with its reason; exit code 2", async () => {
  const { console, file } = setUp(`
- hosts: here
  tasks:
    - command: sh -c "echo it broke >&2; exit 3"
      when: eq inventory_hostname "here1"
`);
  expect(await play(file, "all", { color: true }, console)).toBe(2);
  expect(console.printed()).toContain("exit code 3: it broke");
});

test.each<[string, string, string]>([
  ["a misspelt argument", "copy: { dest: /tmp/x, contnet: text }", 'play.yaml:4:29: copy has no "contnet" (did you mean "content"?)'],
  ["a misspelt task", "copi: { dest: /tmp/x, content: text }", "copi"],
])("%s is told with its place before any host is touched", async (_, task, message) => {
  const { console, file } = setUp(`
- hosts: here
  tasks:
    - ${task}
`);
  await expect(play(file, "all", { color: true }, console)).rejects.toThrow(message);
});

test("an undefined variable fails its host, with place and nearest name", async () => {
  const { console, file } = setUp(`
- hosts: here
  tasks:
    - command: echo {{greting}}
`);
  expect(await play(file, "all", { color: true }, console)).toBe(2);
  expect(console.printed().replace(/\s+/g, " ")).toContain("play.yaml:4:21");
  expect(console.printed()).toContain("greeting");
});

test("an empty selection is an error", async () => {
  const { console, file } = setUp("- hosts: here\n  tasks: []\n");
  await expect(play(file, "heer", { color: true }, console)).rejects.toThrow('no group or host matches "heer" (did you mean "here"?)');
});

test("a play that wants to be confirmed asks once; no is the default", async () => {
  const { console, file } = setUp("- name: Act\n  hosts: here\n  confirm: true\n  tasks:\n    - command: touch {{folder}}/done\n", [""]);
  expect(await play(file, "all", { color: true, extraVars: [`folder=${console.folder}`] }, console)).toBe(1);
  expect(console.told()).toContain("Act: go on? [y/N]");
  expect(existsSync(join(console.folder, "done"))).toBe(false);
});

test("--json prints every event as one line, and --yes asks nobody", async () => {
  const { console, file } = setUp("- hosts: here\n  confirm: true\n  tasks:\n    - command: echo hi\n");
  expect(await play(file, "here1", { color: true, json: true, yes: true }, console)).toBe(0);
  const events = console
    .printed()
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(events[0]).toBe("run-started");
  expect(events.at(-1)).toBe("run-finished");
  expect(events).toContain("task-finished");
});

test("an unreachable host does not keep the others from going on; exit code 4", async () => {
  const { console, file } = setUp("- hosts: all\n  tasks:\n    - command: echo hi\n");
  expect(await play(file, "all", { color: true }, console)).toBe(4);
  expect(console.printed()).toContain("refused");
});

test("a secret goes into files, as a part of a text or through a template, and is shown nowhere", async () => {
  const { console, file } = setUp(`
- hosts: here1
  vars: { line: "token={{token}}" }
  tasks:
    - copy: { dest: "{{folder}}/copied", content: "{{line}}\\n" }
    - template: { src: t.hbs, dest: "{{folder}}/rendered", mode: "0640" }
    - command: login -p {{token}}
      ignore_errors: true
    - name: hidden
      command: sh -c "echo of $0; echo hunter2 >&2" hunter2
      no_log: true
      register: said
    - copy: { dest: "{{folder}}/registered", content: "{{said.stdout}}" }
      no_log: true
`);
  console.write("t.hbs", "password {{token}}");
  console.write("pw", "correct horse");
  console.write(
    "inventory.yaml",
    `all: \n  hosts: {here1: {connection: local}}\n  vars:\n    token: ${tagged(encrypt("hunter2", { password: "correct horse" }), 6)}`,
  );
  const options = { color: true, diff: true, extraVars: [`folder=${console.folder}`], vaultPasswordFile: ["pw"] };
  expect(await play(file, "all", options, console)).toBe(0);
  const read = (name: string) => [readFileSync(join(console.folder, name), "utf8"), statSync(join(console.folder, name)).mode & 0o777];
  expect([read("copied"), read("rendered"), read("registered")]).toEqual([
    ["token=hunter2\n", 0o600],
    ["password hunter2", 0o640],
    ["of hunter2", 0o644],
  ]);
  expect(console.told()).toContain("rendered: contents with a secret are not shown");
  expect(console.told()).toContain("argv.2 takes no secret");
  const written = filesBelow(join(console.folder, ".local")).map((path) => readFileSync(path, "utf8"));
  expect(written.join("")).toContain("a step with a secret");
  for (const text of [console.told(), console.printed(), ...written]) expect(text).not.toMatch(/hunter2|correct horse/);
});

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
