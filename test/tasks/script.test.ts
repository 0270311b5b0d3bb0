import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { script } from "../../src/tasks/script.ts";
import { planOf } from "./planning.ts";

const planFor = (text: string, args: readonly (string | number)[] = []) =>
  planOf(script, { path: "check.sh", args: [...args] }, {}, { text }).steps[0];

function run(text: string, args: readonly (string | number)[] = []) {
  const step = planFor(text, args);
  if (step?.kind !== "script") throw new Error("not a script");
  return spawnSync("sh", ["-c", step.script, "sh", ...step.args], { encoding: "utf8" });
}

test.each(["echo hi\n", "#!/bin/sh\necho hi\n", "#! /usr/bin/sh \necho hi\n"])("a shell's script is the step's script: %j", (text) => {
  expect(planFor(text, ["a b", 2])).toEqual({ kind: "script", title: "run check.sh a b 2", script: text, args: ["a b", "2"] });
});

test("another interpreter gets the script in a file that is gone afterwards", () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("kofleet."));
  const text = '#!/usr/bin/env node\nconsole.log(JSON.stringify(process.argv.slice(2)), "$HOME `x` \\\\");\nprocess.exit(7);';
  const { status, stdout, stderr } = run(text, ["a b", "$(x)", ""]);
  expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: '["a b","$(x)",""] $HOME `x` \\\n', stderr: "" });
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("kofleet."))).toEqual(before);
});

test("what follows the interpreter is one argument", () => {
  expect(run("#!/bin/sh -e\nfalse\necho never\n")).toMatchObject({ status: 1, stdout: "" });
  expect(planFor("#!/usr/bin/perl -w -T\n1;\n")).toMatchObject({ args: ["/usr/bin/perl", "-w -T", "#!/usr/bin/perl -w -T\n1;\n"] });
});

test("a missing interpreter is the script's failure", () => {
  expect(run("#!/no/such/thing\n").status).toBe(127);
});

test("`creates` makes it a task that can be done already", () => {
  const args = { path: "check.sh", creates: "/x" };
  const created = { kind: "file", mode: 0o644, owner: {}, group: {}, size: 0 } as const;
  expect(script.action?.(script.args.parse(args))).toBe(false);
  expect(script.action?.(script.args.parse({ path: "check.sh" }))).toBe(true);
  expect(planOf(script, args, { created }, { text: "true" }).steps).toEqual([]);
  expect(planOf(script, args, { created: { kind: "absent" } }, { text: "true" }).steps).toHaveLength(1);
});

test("refuses what Linux would not take as an argument", () => {
  expect(planOf(script, { path: "big.sh" }, {}, { text: "#".repeat(130_000) })).toEqual({
    steps: [],
    stop: { verdict: "failed", reason: "big.sh is larger than 120 KiB: copy it to the host and run it with command" },
  });
});

test("reads the script from this machine", () => {
  expect(script.inputs?.(script.args.parse({ path: "check.sh" }), {} as never).text.name).toBe("text of check.sh");
});
