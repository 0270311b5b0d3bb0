import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSecret } from "../../src/config/secret_reference.ts";
import { createVault } from "../../src/config/vault.ts";
import { complaint } from "./parse.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-secret-"));
const home = join(folder, "home");
mkdirSync(home);
const write = (path: string, text: string, mode = 0o600): void => {
  writeFileSync(join(folder, path), text);
  chmodSync(join(folder, path), mode);
};
const sources = { vault: createVault([]), environment: { PASSWORD: "hunter2", EMPTY: "", TOO: "env:PASSWORD" }, home };
const place = { folder, position: { file: "i.yaml", line: 2, column: 9 } };
const read = (text: string) => {
  const secret = readSecret(text, place, sources);
  return typeof secret === "string" ? { variable: secret } : secret.reveal();
};

test.each([
  ["hunter2", "hunter2"],
  ["0123", "0123"],
  ["environment:x", "environment:x"],
  [" env:PASSWORD", " env:PASSWORD"],
  ["env:PASSWORD", "hunter2"],
  ["env:TOO", "env:PASSWORD"],
  ["file:one-line", "hunter2"],
  ["file:windows", "hunter2"],
  ["file:several", " a\nb\n"],
  ["file:~/mine", "of home"],
  [`file:${folder}/one-line`, "hunter2"],
  ["file:group", "for the group"],
  ["{{vault_password}}", { variable: "{{vault_password}}" }],
  [" {{ vault_password }} ", { variable: " {{ vault_password }} " }],
])("%j", (text, expected) => {
  write("one-line", "hunter2\n");
  write("windows", "hunter2\r\n");
  write("several", " a\nb\n\n");
  write("home/mine", "of home");
  write("group", "for the group", 0o640);
  expect(read(text)).toEqual(expected);
});

describe("what can't be found", () => {
  test.each([
    ["env:NONE", "the environment variable NONE is not set: export it before kofleet"],
    ["env:toString", "the environment variable toString is not set: export it before kofleet"],
    ["env:EMPTY", "the environment variable EMPTY is empty: export it before kofleet"],
    ["file:none", `cannot read the secret in ${folder}/none: ENOENT: no such file or directory, stat '${folder}/none'`],
    ["file:home", `cannot read the secret in ${folder}/home: EISDIR: illegal operation on a directory, read`],
    ["file:empty", `the file ${folder}/empty is empty: it should hold a secret`],
    ["file:open", `everybody on this machine may read the secret in ${folder}/open: chmod o-r it`],
    ["x{{y}}", "an expression is not evaluated here: write {{name}}, a !vault value, env:NAME or file:PATH"],
    ["{{lookup 'env'}}", "an expression is not evaluated here: write {{name}}, a !vault value, env:NAME or file:PATH"],
  ])("%s", (text, message) => {
    write("empty", "\n");
    write("open", "hunter2", 0o644);
    expect(complaint(() => read(text))).toBe(`i.yaml:2:9: ${message}`);
  });

  test("matters only once it is revealed", () => {
    expect(String(readSecret("env:NONE", place, sources))).toBe("‹secret›");
  });
});
