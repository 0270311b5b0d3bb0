import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { fileState } from "../../src/facts/files.ts";

const answer = (...lines: string[]) => ({ code: 0, stdout: [...lines, "end", ""].join("\n"), stderr: "" });
const root = { id: 0, name: "root" };
const digest = "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4";

test.each([
  [["absent yes"], { kind: "absent" }],
  [["stat 81a4 0 0 3/root/root", `digest ${digest}`], { kind: "file", mode: 0o644, owner: root, group: root, size: 3, sha256: digest }],
  [["stat 8180 0 0 3/root/root"], { kind: "file", mode: 0o600, owner: root, group: root, size: 3 }],
  [["stat 89ed 0 0 3/root/root"], { kind: "file", mode: 0o4755, owner: root, group: root, size: 3 }],
  [["stat 41ed 0 0 4096/root/root"], { kind: "folder", mode: 0o755, owner: root, group: root, size: 4096 }],
  [
    ["stat a1ff 0 1001 1/root/domain users", "target a"],
    { kind: "link", mode: 0o777, owner: root, group: { id: 1001, name: "domain users" }, size: 1, target: "a" },
  ],
  [["stat 11a4 12345 23456 0/UNKNOWN/UNKNOWN"], { kind: "other", mode: 0o644, owner: { id: 12345 }, group: { id: 23456 }, size: 0 }],
])("reads %j", (lines, expected) => {
  expect(fileState("/x").parse(answer(...lines))).toEqual(expected);
});

test.each([
  [answer("problem stat: cannot statx '/x/y': Permission denied"), "cannot look at /x: stat: cannot statx '/x/y': Permission denied"],
  [answer("stat rubbish"), 'cannot read /x: stat printed "rubbish"'],
  [{ code: 127, stdout: "", stderr: "sh: not found\n" }, "incomplete (exit code 127): sh: not found"],
])("refuses %j", (said, message) => {
  expect(() => fileState("/x").parse(said)).toThrow(message);
});

test("never makes a value of garbage", () => {
  fc.assert(
    fc.property(fc.string(), (stdout) => {
      expect(() => fileState("/x").parse({ code: 0, stdout, stderr: "" })).toThrow(FactError);
    }),
  );
});

describe("asked of this machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "files-"));
  const ask = (name: string) => {
    const { command, parse } = fileState(join(folder, name));
    return parse({ code: 0, stdout: execFileSync(command[0], command.slice(1), { encoding: "utf8" }), stderr: "" });
  };

  test("tells absent, empty, a file, a folder and a link apart", () => {
    writeFileSync(join(folder, "-full $(x)"), "hi\n");
    chmodSync(join(folder, "-full $(x)"), 0o4755);
    writeFileSync(join(folder, "empty"), "");
    mkdirSync(join(folder, "folder"));
    symlinkSync("nowhere", join(folder, "link"));

    expect(ask("-full $(x)")).toMatchObject({ kind: "file", mode: 0o4755, size: 3, sha256: digest, owner: { id: process.getuid?.() } });
    expect(ask("empty")).toMatchObject({ kind: "file", size: 0, sha256: expect.stringMatching(/^e3b0c442/) });
    expect(ask("folder")).toMatchObject({ kind: "folder" });
    expect(ask("link")).toMatchObject({ kind: "link", target: "nowhere" });
    expect(ask("absent")).toEqual({ kind: "absent" });
    expect(ask("empty/below")).toEqual({ kind: "absent" });
  });
});
