import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { folderFiles } from "../../src/facts/folder_files.ts";
import { answered } from "./fixtures.ts";

/** Asks this machine. */
const ask = (folder: string) => {
  const [program, ...args] = folderFiles(folder).command;
  return folderFiles(folder).parse(answered(execFileSync(program, args, { encoding: "utf8" })));
};

test("names the files of a folder with their sizes, and neither links nor what is below", () => {
  const folder = mkdtempSync(join(tmpdir(), "kofleet-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(ask(folder)).toEqual([]);
  writeFileSync(join(folder, "a b.tar.gz"), "hello");
  mkdirSync(join(folder, "below"));
  symlinkSync("a b.tar.gz", join(folder, "link"));
  expect(ask(folder)).toEqual([{ name: "a b.tar.gz", size: 5 }]);
  expect(ask(join(folder, "absent"))).toEqual([]);
});

test.each(["file x\nend\n", "file 12\nend\n", "file 5 x\n"])("refuses %j", (stdout) => {
  expect(() => folderFiles("/x").parse(answered(stdout))).toThrow(FactError);
});
