import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { hosts } from "../../src/commands/hosts.ts";
import { localInventory, testConsole } from "./console_fixture.ts";

const setUp = () => {
  const console = testConsole();
  console.write("inventory.yaml", localInventory);
  return console;
};

test("lists the hosts of a pattern", async () => {
  const console = setUp();
  expect(await hosts("here", { color: true }, console)).toBe(0);
  expect(console.printed()).toBe("here1\nhere2\n");
});

test("--graph shows groups and hosts as a tree", async () => {
  const console = setUp();
  await hosts("all", { color: true, graph: true }, console);
  expect(console.printed()).toMatchInlineSnapshot(`
    "@all:
      |--@ungrouped:
      |--@here:
      |  |--here1
      |  |--here2
      |--@away:
      |  |--nobody
    "
  `);
});

test("--vars tells where each value comes from, and no password", async () => {
  const console = setUp();
  await hosts("nobody", { color: true, vars: true }, console);
  expect(console.printed().replaceAll(console.folder, "DIR")).toMatchInlineSnapshot(`
    "nobody (127.0.0.1:1)
      greeting = "hello"  # group all, DIR/inventory.yaml:2:11
      host = "127.0.0.1"  # host nobody, DIR/inventory.yaml:9:19
      port = 1  # host nobody, DIR/inventory.yaml:9:36
      password = "‹secret›"  # host nobody, DIR/inventory.yaml:9:45
    "
  `);
});

test("--graph of a group starts there, and of a pattern shows the groups that hold its hosts", async () => {
  const console = setUp();
  await hosts("away", { color: true, graph: true }, console);
  await hosts("here1", { color: true, graph: true }, console);
  expect(console.printed()).toBe("@away:\n  |--nobody\n@all:\n  |--@here:\n  |  |--here1\n");
});

test("--vars knows folders, INI, hosts on the command line, and programs", async () => {
  const console = setUp();
  console.write("hosts", "[web]\nw1 size=3 colour='\u001b[1m'\n");
  console.folders("group_vars", "host_vars");
  console.write("group_vars/web.yml", "# all of them\nzone: x\n");
  console.write("host_vars/w1", "size: 4\n");
  const program = join(import.meta.dirname, "../fixtures/inventories/programs/by_host.sh");
  const inventory = [join(console.folder, "hosts"), "w1:22,w2:23,", program];
  await hosts("w*", { color: true, vars: true, inventory }, console);
  expect(console.printed().replaceAll(console.folder, "DIR").replaceAll(dirname(program), "PROGRAMS")).toMatchInlineSnapshot(`
    "w1 (w1)
      zone = "x"  # group web, DIR/group_vars/web.yml:2:1
      size = 4  # host w1, DIR/host_vars/w1:1:1
      colour = "\\u001b[1m"  # host w1, DIR/hosts:2:11
      name = "w1"  # host w1, script PROGRAMS/by_host.sh
      length = 2  # host w1, script PROGRAMS/by_host.sh

    w2 (w2:23)
      zone = "x"  # group web, DIR/group_vars/web.yml:2:1
      ansible_port = 23  # host w2, -i w1:22,w2:23,:1:7
      name = "w2"  # host w2, script PROGRAMS/by_host.sh
      length = 2  # host w2, script PROGRAMS/by_host.sh
    "
  `);
});

test("variables beside a playbook win over those beside the inventory", async () => {
  const console = setUp();
  console.folders("group_vars", "books", "books/group_vars");
  console.write("group_vars/here.yml", "a: 1\nb: 1\n");
  console.write("books/group_vars/all.yml", "a: 2\nb: 2\n");
  console.write("books/group_vars/here.yml", "b: 3\n");
  await hosts("here1", { color: true, json: true, playbookDir: join(console.folder, "books") }, console);
  expect(JSON.parse(console.printed())).toMatchObject({ hosts: { here1: { vars: { a: 1, b: 3 } } } });
});

test("--json has addresses, groups, variables and their places", async () => {
  const console = setUp();
  await hosts("here1", { color: true, json: true }, console);
  expect(JSON.parse(console.printed().replaceAll(console.folder, "DIR"))).toEqual({
    hosts: {
      here1: {
        address: "local",
        groups: ["here"],
        vars: { greeting: "hello", connection: "local" },
        sources: {
          greeting: { from: "group all", file: "DIR/inventory.yaml", line: 2, column: 11 },
          connection: { from: "host here1", file: "DIR/inventory.yaml", line: 6, column: 22 },
        },
      },
    },
    groups: {
      all: { hosts: [], children: ["ungrouped", "here", "away"] },
      ungrouped: { hosts: [], children: [] },
      here: { hosts: ["here1", "here2"], children: [] },
      away: { hosts: ["nobody"], children: [] },
    },
  });
  expect(console.printed().split("\n")).toHaveLength(2);
});

test("without an inventory it says where one is looked for", async () => {
  await expect(hosts("all", { color: true }, testConsole())).rejects.toThrow("no inventory: give one with -i FILE");
});
