import { expect, test } from "vitest";
import type { FileState, PresentFile } from "../../src/facts/files.ts";
import { file as task } from "../../src/tasks/file.ts";
import { planAfter, planOf } from "./planning.ts";

const root = { id: 0, name: "root" };
const present = (kind: PresentFile["kind"], more: Partial<PresentFile> = {}): PresentFile => ({
  kind,
  mode: kind === "folder" ? 0o755 : 0o644,
  owner: root,
  group: root,
  size: 3,
  ...more,
});
const absent: FileState = { kind: "absent" };
const path = "/srv/app";

test.each([
  [
    "a folder is made",
    { path, state: "directory" },
    absent,
    [{ argv: ["install", "-d", "-m", "00755", "--", path], undo: { run: ["rmdir", "--", path] } }],
  ],
  [
    "a folder is made with its attributes",
    { path, state: "directory", mode: "2750", owner: "app", group: 1001 },
    absent,
    [{ argv: ["install", "-d", "-m", "02750", "-o", "app", "-g", "1001", "--", path] }],
  ],
  [
    "a folder loses its set-group-id bit",
    { path, state: "directory", mode: "0755" },
    present("folder", { mode: 0o2755 }),
    [{ argv: ["chmod", "00755", "--", path] }],
  ],
  ["a group alone is changed", { path, group: "app" }, present("file"), [{ argv: ["chown", "-h", "--", ":app", path] }]],
  [
    "an owner without a name is restored by number",
    { path, owner: "app" },
    present("file", { owner: { id: 12 } }),
    [{ undo: { run: ["chown", "-h", "--", "12:root", path] } }],
  ],
  [
    "a link is made",
    { path, state: "link", target: "app-1.2" },
    absent,
    [{ argv: ["ln", "-sfn", "--", "app-1.2", path], undo: { run: ["rm", "--", path] } }],
  ],
  [
    "a link is turned",
    { path, state: "link", target: "app-1.2" },
    present("link", { target: "app-1.1" }),
    [{ argv: ["ln", "-sfn", "--", "app-1.2", path], undo: { run: ["ln", "-sfn", "--", "app-1.1", path] } }],
  ],
  [
    "a link is made and given away",
    { path, state: "link", target: "app-1.2", owner: "app" },
    absent,
    [{ argv: ["ln", "-sfn", "--", "app-1.2", path] }, { argv: ["chown", "-h", "--", "app", path], undo: { restore: [path] } }],
  ],
  ["a file is removed", { path, state: "absent" }, present("file"), [{ kind: "remove", path, undo: { restore: [path] } }]],
] as const)("%s", (_, args, file, steps) => {
  const planned = planOf(task, args, { file }, {});
  expect(planned.stop).toBeUndefined();
  expect(planned.steps).toHaveLength(steps.length);
  expect(planned.steps).toMatchObject(steps);
  expect(planAfter(task, args, { file }, {})).toEqual({ steps: [], stop: undefined });
});

test.each([
  [{ path, mode: "0644" }, present("file")],
  [{ path }, present("other")],
  [{ path, state: "directory", owner: 0 }, present("folder")],
  [{ path, state: "link", target: "a" }, present("link", { target: "a" })],
  [{ path, state: "absent" }, absent],
] as const)("plans nothing once so: %j", (args, file) => {
  expect(planOf(task, args, { file }, {})).toEqual({ steps: [], stop: undefined });
});

test.each([
  [{ path, mode: "0644" }, absent, '/srv/app does not exist: copy makes files, "state: directory" makes folders'],
  [{ path, mode: "0644" }, present("link", { target: "a" }), "/srv/app is a link and has no mode: name what it points to"],
  [{ path, state: "directory" }, present("file"), '/srv/app is there and is no folder: remove it first ("state: absent")'],
  [{ path, state: "link", target: "a" }, present("folder"), '/srv/app is there and is no link: remove it first ("state: absent")'],
] as const)("stops where acting would destroy something: %j", (args, file, reason) => {
  expect(planOf(task, args, { file }, {})).toEqual({ steps: [], stop: { verdict: "failed", reason } });
});

test.each([
  [{ path, state: "link" }, '"target" and "state: link" belong together'],
  [{ path, target: "a" }, '"target" and "state: link" belong together'],
  [{ path, state: "link", target: "a", mode: "0644" }, "only files and folders have a mode"],
  [{ path, state: "absent", owner: "app" }, "what is absent belongs to nobody"],
  [{ path: "/" }, "an absolute path"],
])("refuses %j", (args, message) => {
  expect(task.args.safeParse(args).error?.issues.map((issue) => issue.message)).toContainEqual(expect.stringContaining(message));
});
