import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { z } from "zod";
import { fileState } from "../../src/facts/files.ts";
import { file } from "../../src/tasks/file.ts";
import { planOf } from "./planning.ts";

const ask = (path: string) => {
  const { command, parse } = fileState(path);
  return parse({ code: 0, stdout: execFileSync(command[0], command.slice(1), { encoding: "utf8" }), stderr: "" });
};

type Arguments = Omit<z.input<typeof file.args>, "path">;

test.each<[string, Arguments, (path: string) => void]>([
  ["a folder is made with those above it", { state: "directory", mode: "0750" }, () => {}],
  [
    "a folder loses its set-group-id bit",
    { state: "directory", mode: "0755" },
    (path) => {
      mkdirSync(path, { recursive: true });
      chmodSync(path, 0o2755);
    },
  ],
  [
    "a file gets a mode",
    { mode: "4711" },
    (path) => {
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, "");
    },
  ],
  ["a link is made", { state: "link", target: "/no/where" }, (path) => mkdirSync(join(path, ".."), { recursive: true })],
  [
    "a link to a folder is turned, not entered",
    { state: "link", target: "/usr" },
    (path) => {
      mkdirSync(join(path, ".."), { recursive: true });
      symlinkSync("/etc", path);
    },
  ],
])("applied for real, %s", (_, args, prepare) => {
  const path = join(mkdtempSync(join(tmpdir(), "applied-")), "a b", "-x");
  prepare(path);
  const { steps } = planOf(file, { path, ...args }, { file: ask(path) }, {});
  expect(steps.length).toBeGreaterThan(0);
  for (const step of steps) {
    if (step.kind === "run") execFileSync(step.argv[0], step.argv.slice(1));
  }
  expect(planOf(file, { path, ...args }, { file: ask(path) }, {})).toEqual({ steps: [], stop: undefined });
});
