import { expect, test } from "vitest";
import { openFleet } from "../../src/commands/fleet.ts";
import { testConsole } from "./console_fixture.ts";

test.each([
  ["a:\n    b:", "sudo password: "],
  ["a: { become_method: doas }\n    b: { ansible_become_method: doas }", "doas password: "],
  ["a: { become_method: su }\n    b:", "su or sudo password: "],
])("--ask-become-pass names what wants the password, and asks once for all: %s", async (hosts, question) => {
  const console = testConsole(["hush"]);
  console.write("inventory.yaml", `all:\n  hosts:\n    ${hosts}\n`);
  const fleet = await openFleet({ color: false, askBecomePass: true, become: true }, console);
  expect(console.told()).toBe(question);
  expect(["a", "b"].map((host) => fleet.reach(host).become?.password?.reveal())).toEqual(["hush", "hush"]);
});

test("a host's own become password wins over the one for all", async () => {
  const console = testConsole(["hush"]);
  console.write("inventory.yaml", "all:\n  hosts:\n    a: { become_password: own }\n");
  const fleet = await openFleet({ color: false, askBecomePass: true, become: true }, console);
  expect(fleet.reach("a").become?.password?.reveal()).toBe("own");
});
