import { expect, test } from "vitest";
import { type ExecResult, execDiffReport, execReport } from "../../src/report/exec_report.ts";

const plain = { colour: false, ci: false };
const answered = (host: string, stdout: string, more: { code?: number; stderr?: string } = {}): ExecResult => ({
  host,
  answer: { code: 0, stderr: "", stdout, ...more },
});

test("hosts that said the same share a block, the largest first, the silent last", () => {
  const results = [
    answered("db1", "a\nb\n", { code: 2, stderr: "oops\n" }),
    { host: "db3", unreachable: "refused: 10.0.0.3 port 22" },
    ...Array.from({ length: 20 }, (_, index) => answered(`web${String(index + 1).padStart(2, "0")}`, "Linux 6.8\n")),
    answered("db2", ""),
    { host: "db4", unreachable: "refused: 10.0.0.3 port 22" },
  ];
  expect(execReport(results, plain)).toMatchInlineSnapshot(`
    "---- web[01-20] (20) ----
    Linux 6.8
    ---- db1 exit 2 ----
    a
    b
    oops
    ---- db2 ----
    ---- db[3-4] (2) unreachable ----
    refused: 10.0.0.3 port 22"
  `);
});

test.each([
  ["stdout", answered("b", "y")],
  ["stderr", answered("b", "x", { stderr: "y" })],
  ["exit code", answered("b", "x", { code: 1 })],
])("another %s is another block", (_, other) => {
  expect(execReport([answered("a", "x"), other], plain).match(/^----/gm)).toHaveLength(2);
});

test("text from a host is harmless", () => {
  expect(execReport([answered("a", "\u001b[31mred\u001b[0m\n::set-env::x\n")], { colour: false, ci: true })).toBe(
    "---- a ----\nred\nset-env::x",
  );
});

test("a failure is red, a success is not", () => {
  const coloured = execReport([answered("a", "x"), answered("b", "x", { code: 1 })], { colour: true, ci: false });
  expect(coloured).toBe("\u001b[1m---- a ----\u001b[22m\nx\n\u001b[31m---- b exit 1 ----\u001b[39m\nx");
});

test("nobody asked is nothing said", () => {
  expect(execReport([], plain)).toBe("");
});

test("--diff: the commonest in full, the others as what differs", async () => {
  const results = [
    answered("a", "one\ntwo\n"),
    answered("b", "one\nTWO\n", { code: 1 }),
    answered("c", "one\ntwo\n"),
    { host: "d", unreachable: "lost" },
  ];
  expect(await execDiffReport(results, plain)).toMatchInlineSnapshot(`
    "---- a,c (2) ----
    one
    two
    ---- b exit 1 ----
    --- a,c (2)
    +++ b
    @@ -1,2 +1,2 @@
     one
    -two
    +TWO
    ---- d unreachable ----
    lost"
  `);
  expect(await execDiffReport([], plain)).toBe("");
});
