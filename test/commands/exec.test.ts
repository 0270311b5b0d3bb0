import { expect, test } from "vitest";
import { exec } from "../../src/commands/exec.ts";
import { localInventory, testConsole } from "./console_fixture.ts";

const setUp = () => {
  const console = testConsole();
  console.write("inventory.yaml", localInventory);
  return console;
};

test("folds equal outputs; words are the command to the letter", async () => {
  const console = setUp();
  expect(await exec("here", ["echo", "a  b", "$HOME"], { color: true }, console)).toBe(0);
  expect(console.printed()).toMatchInlineSnapshot(`
    "---- here[1-2] (2) ----
    a  b $HOME
    "
  `);
});

test("one word with blanks is a line for the shell", async () => {
  const console = setUp();
  expect(await exec("here1", ["echo one two | wc -w"], { color: true }, console)).toBe(0);
  expect(console.printed()).toContain("\n2\n");
});

test("a failing command is exit code 2, an unreachable host 4, and both are told", async () => {
  const console = setUp();
  expect(await exec("here1", ["sh", "-c", "exit 7"], { color: true }, console)).toBe(2);
  expect(console.printed()).toContain("exit 7");
  expect(await exec("all", ["true"], { color: true }, console)).toBe(4);
  expect(console.printed()).toContain("nobody unreachable");
});

test("--json prints one line a host", async () => {
  const console = setUp();
  await exec("here", ["echo", "hi"], { color: true, json: true }, console);
  expect(
    console
      .printed()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { host: "here1", answer: { code: 0, stdout: "hi\n", stderr: "" } },
    { host: "here2", answer: { code: 0, stdout: "hi\n", stderr: "" } },
  ]);
});

test("no command is an error", async () => {
  await expect(exec("here", [""], { color: true }, setUp())).rejects.toThrow("no command");
});

test("--stream prints lines as they come, each with its host, and what failed", async () => {
  const console = setUp();
  expect(
    await exec("here1,nobody", ["sh", "-c", "echo one; printf two; echo three >&2; exit 3"], { color: true, stream: true }, console),
  ).toBe(2);
  expect(console.printed()).toBe("here1: one\nhere1: two\n");
  expect(console.told()).toMatch(/^here1: three\nhere1: exit 3\nnobody: unreachable: /);
});

test("--diff prints how outputs differ from the commonest", async () => {
  const console = setUp();
  await exec("here", ["echo", "same"], { color: true, diff: true }, console);
  expect(console.printed()).toBe("---- here[1-2] (2) ----\nsame\n");
});
