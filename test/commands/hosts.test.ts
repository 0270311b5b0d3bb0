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
    "@all
      @here
        here1
        here2
      @away
        nobody
      @ungrouped
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

test("--json has groups and variables", async () => {
  const console = setUp();
  await hosts("here1", { color: true, json: true }, console);
  expect(JSON.parse(console.printed())).toMatchObject({ here1: { groups: ["here"], vars: { greeting: "hello" }, address: "local" } });
});

test("without an inventory it says where one is looked for", async () => {
  await expect(hosts("all", { color: true }, testConsole())).rejects.toThrow("no inventory: give one with -i FILE");
});
