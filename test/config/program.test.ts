import { expect, test } from "vitest";
import { outputOf } from "../../src/config/program.ts";

test("prints, without a shell and without standard input", async () => {
  expect(await outputOf("/bin/echo", ["$HOME; x", "y"], 10)).toBe("$HOME; x y\n");
  expect(await outputOf("/bin/cat", [], 10)).toBe("");
});

test("what does not end is ended", async () => {
  await expect(outputOf("/bin/sleep", ["60"], 0.2)).rejects.toThrow("/bin/sleep 60 did not end within 0.2 seconds");
});

test.each<[string, string[], string]>([
  ["/bin/sh", ["-c", "echo first >&2; echo last >&2; exit 7"], "exit 7 ended with exit code 7\nfirst\nlast"],
  ["/bin/sh", ["-c", "kill -9 $$"], "was ended by SIGKILL"],
  ["/nonexistent/program", [], "/nonexistent/program failed: spawn /nonexistent/program ENOENT"],
])("%s %j: what went wrong is told", async (path, args, message) => {
  await expect(outputOf(path, args, 20)).rejects.toThrow(message);
});
