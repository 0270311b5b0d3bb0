import { expect, test } from "vitest";
import { exec } from "../../src/commands/exec.ts";
import { play } from "../../src/commands/play.ts";
import { status } from "../../src/commands/status.ts";
import { testConsole } from "./console_fixture.ts";

const options = { color: false };
const inventory = (vars: string): string => `all:
  hosts:
    one: {connection: local, become_method: su}
    two: {connection: local, ${vars}}
`;

const setUp = (vars: string, environment: Readonly<Record<string, string>> = {}) => {
  const console = testConsole([], environment);
  console.write("inventory.yaml", inventory(vars));
  return console;
};
const become = "become_password: 'env:NONE'";
const notSet = "inventory.yaml:4:47: the environment variable NONE is not set: export it before kofleet";

test("a password that is not found is told before any host is touched", async () => {
  const console = setUp("password: 'env:NONE'");
  const command = exec("all", [`echo touched >> ${console.folder}/touched`], options, console);
  await expect(command).rejects.toThrow("inventory.yaml:4:40: the environment variable NONE is not set: export it before kofleet");
  expect(await exec("all", [`test ! -e ${console.folder}/touched`], { ...options, limit: "one" }, console)).toBe(0);
});

test("a password for rights is looked up only where rights are wanted", async () => {
  const console = setUp(become);
  expect(await exec("all", ["true"], options, console)).toBe(0);
  await expect(exec("all", ["true"], { ...options, become: true }, console)).rejects.toThrow(notSet);
  await expect(status("all", options, console)).rejects.toThrow(notSet);
});

test.each([
  ["no rights", "- { hosts: all, tasks: [{ command: 'true' }] }", undefined],
  ["rights of a play", "- { hosts: all, become: true, tasks: [] }", notSet],
  ["rights of a task", "- { hosts: all, tasks: [{ command: 'true', become: true }] }", notSet],
])("a playbook that wants %s", async (_, text, message) => {
  const console = setUp(become);
  const run = play(console.write("play.yaml", text), "all", options, console);
  if (message === undefined) expect(await run).toBe(0);
  else await expect(run).rejects.toThrow(message);
});

test.each([
  ["for rights", become, "become: yes", notSet],
  ["to log in", "password: 'env:NONE'", "become: no", "inventory.yaml:4:40: the environment variable NONE is not set"],
])("one %s of a host that only a task is delegated to is that task's failure", async (_, vars, keywords, message) => {
  const console = setUp(vars);
  const file = console.write("play.yaml", `- { hosts: one, tasks: [{ command: 'true', delegate_to: two, ${keywords} }] }`);
  expect(await play(file, "one", options, console)).toBe(2);
  expect(console.told()).toContain(message);
});
