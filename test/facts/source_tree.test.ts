import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { sourceFolder, sourceTree } from "../../src/facts/source_tree.ts";
import { answered } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-source-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ask = (path: string) => {
  const [program, ...args] = sourceTree(path).command;
  return sourceTree(path).parse(answered(execFileSync(program, args, { encoding: "utf8" })));
};

test("asks a folder what lies in it", () => {
  mkdirSync(join(folder, "sub dir"));
  writeFileSync(join(folder, "sub dir", "a b.c"), "x\n", { mode: 0o755 });
  writeFileSync(join(folder, "dkms.conf"), "", { mode: 0o644 });
  symlinkSync("/nowhere", join(folder, "link"));
  const { files, folders } = ask(folder);
  expect(folders).toEqual(new Set([".", "sub dir"]));
  expect(Object.fromEntries(files)).toEqual({
    "sub dir/a b.c": { mode: 0o755, sha256: "73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac" },
    "dkms.conf": { mode: 0o644, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    link: { mode: 0o777, sha256: undefined },
  });
});

test("finds nothing where there is no folder", () => {
  expect(ask(join(folder, "none"))).toEqual({ files: new Map(), folders: new Set() });
});

test.each(["folder /etc\nend\n", "entry 644\nend\n", "entry 999 ./x\nend\n", "digest 12 ./x\nend\n", `digest ${"1".repeat(64)}  x\nend\n`])(
  "refuses %j",
  (stdout) => {
    expect(() => sourceTree("/x").parse(answered(stdout))).toThrow(FactError);
  },
);

test("lies where dkms looks for it", () => {
  expect(sourceFolder("hello", "1.0")).toBe("/usr/src/hello-1.0");
});
