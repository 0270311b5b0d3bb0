import { describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import type { FileState } from "../../src/facts/files.ts";
import { copy } from "../../src/tasks/copy.ts";
import { planAfter, planOf } from "./planning.ts";

const root = { id: 0, name: "root" };
const app = { id: 1001, name: "app" };
const content = { sha256: "aa", size: 3 };
const same: FileState = { kind: "file", mode: 0o644, owner: root, group: root, size: 3, sha256: "aa" };
const other: FileState = { ...same, mode: 0o640, group: app, sha256: "bb" };
const args = { src: "motd", dest: "/etc/motd" };

const write = { kind: "write", path: "/etc/motd", sha256: "aa", undo: { restore: ["/etc/motd"] } };

test.each([
  ["an absent file is written", args, { kind: "absent" }, [{ ...write, mode: 0o644 }]],
  ["a link is replaced", args, { ...same, kind: "link", target: "motd.new" }, [{ ...write, mode: 0o644 }]],
  ["other contents keep the attributes", args, other, [{ ...write, mode: 0o640, owner: "root", group: "app" }]],
  ["named attributes win", { ...args, mode: "0600", owner: "app", group: 0 }, other, [{ ...write, mode: 0o600, owner: "app", group: "0" }]],
  [
    "attributes alone are adjusted",
    { ...args, mode: "0600", owner: "app" },
    same,
    [
      { kind: "run", argv: ["chown", "-h", "--", "app", "/etc/motd"], undo: { run: ["chown", "-h", "--", "root:root", "/etc/motd"] } },
      { kind: "run", argv: ["chmod", "00600", "--", "/etc/motd"], undo: { run: ["chmod", "00644", "--", "/etc/motd"] } },
    ],
  ],
] as const)("%s", (_, given, file, steps) => {
  const planned = planOf(copy, given, { file }, { content });
  expect(planned.stop).toBeUndefined();
  expect(planned.steps).toEqual(steps.map((step) => ({ ...step, changes: expect.any(Array) })));
  expect(planAfter(copy, given, { file }, { content })).toEqual({ steps: [], stop: undefined });
});

test.each([
  ["nothing is named", args],
  ["all is named by name", { ...args, mode: "0644", owner: "root", group: "root" }],
  ["all is named by number", { ...args, mode: "0644", owner: 0, group: "0" }],
])("plans nothing once the file is so and %s", (_, given) => {
  expect(planOf(copy, given, { file: same }, { content })).toEqual({ steps: [], stop: undefined });
});

test("restores the set-user-id bit that chown takes away", () => {
  const file: FileState = { ...same, mode: 0o4755 };
  expect(planOf(copy, { ...args, owner: "app" }, { file }, { content }).steps).toMatchObject([
    { argv: ["chown", "-h", "--", "app", "/etc/motd"], undo: { restore: ["/etc/motd"] } },
    { argv: ["chmod", "04755", "--", "/etc/motd"] },
  ]);
});

test.each([
  [{ ...same, kind: "folder" }, "/etc/motd is a folder: name the file in it"],
  [{ ...same, kind: "other" }, "/etc/motd is neither a file nor a link: it is left alone"],
  [
    { kind: "file", mode: 0o600, owner: root, group: root, size: 3 },
    "/etc/motd can't be read, so it can't be compared: become root, perhaps",
  ],
] as const)("leaves alone what it can't replace: %j", (file, reason) => {
  expect(planOf(copy, args, { file }, { content })).toEqual({ steps: [], stop: { verdict: "failed", reason } });
});

test("a new file with a secret is its owner's alone, and its contents are marked", () => {
  const secret = { ...content, isSecret: true } as const;
  const steps = (given: typeof args & { mode?: string }) => planOf(copy, given, { file: { kind: "absent" } }, { content: secret }).steps;
  expect(steps(args)).toMatchObject([{ kind: "write", mode: 0o600, isSecret: true }]);
  expect(steps({ ...args, mode: "0640" })).toMatchObject([{ kind: "write", mode: 0o640, isSecret: true }]);
});

describe("arguments", () => {
  test.each([
    [{ dest: "/etc/motd" }, 'needs either "src" or "content"'],
    [{ ...args, content: "hi" }, 'needs either "src" or "content"'],
    [{ src: "motd", dest: "etc/motd" }, "an absolute path"],
    [{ src: "motd", dest: "/etc/" }, "an absolute path"],
    [{ src: "motd", dest: "/etc/../motd" }, 'without ".."'],
    [{ ...args, mode: 420 }, 'quote the mode: "0644"'],
    [{ ...args, mode: "u+x" }, "octal digits"],
    [{ ...args, owner: "a:b" }, "a name or a number"],
    [{ content: 5, dest: "/x" }, "expected text: quote it"],
    [{ content: "x", dest: new Secret("/x") }, "expected string"],
    [{ ...args, modus: "0644" }, "modus"],
  ])("%j is refused", (given, message) => {
    const result = copy.args.safeParse(given);
    expect(JSON.stringify(result.error?.issues)).toContain(JSON.stringify(message).slice(1, -1));
  });

  test("the input is the file, or the text", () => {
    expect(copy.inputs?.(copy.args.parse(args), {} as never).content.name).toBe("file motd");
    expect(copy.inputs?.(copy.args.parse({ content: "hi", dest: "/x" }), {} as never).content.name).toMatch(/^text 8f434346/);
    expect(copy.inputs?.(copy.args.parse({ content: new Secret("hi"), dest: "/x" }), {} as never).content.name).toMatch(/^text 8f434346/);
  });
});
