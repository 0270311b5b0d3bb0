import { expect, test } from "vitest";
import type { SourceTree } from "../../src/facts/source_tree.ts";
import { dkmsSource } from "../../src/tasks/dkms_source.ts";
import type { WantedSource } from "../../src/tasks/laid_out_source.ts";
import { manifest, source } from "./kernel_fixture.ts";
import { planOf } from "./planning.ts";
import { planAgain, visible } from "./prediction.ts";

const wanted: WantedSource = {
  sha256: source,
  files: [
    { path: "dkms.conf", mode: 0o644, sha256: "c1" },
    { path: "configure/run.sh", mode: 0o755, sha256: "c2" },
  ],
};
const complete: SourceTree = {
  files: new Map([
    ["dkms.conf", { mode: 0o644, sha256: "c1" }],
    ["configure/run.sh", { mode: 0o755, sha256: "c2" }],
  ]),
  folders: new Set([".", "configure"]),
};
const empty: SourceTree = { files: new Map(), folders: new Set() };
const root = "/usr/src/hello-1.0";
const conf = { kind: "write", path: `${root}/dkms.conf`, sha256: "c1", mode: 0o644, undo: { restore: [`${root}/dkms.conf`] } };
const run = { kind: "write", path: `${root}/configure/run.sh`, sha256: "c2", mode: 0o755, undo: { restore: [`${root}/configure/run.sh`] } };
const folders = (...paths: string[]) => ({
  kind: "run",
  title: `make ${root}`,
  argv: ["mkdir", "-p", "--", ...paths],
  undo: { restore: paths },
});
const with_ = (path: string, file: { mode: number; sha256: string | undefined }): SourceTree => ({
  ...complete,
  files: new Map([...complete.files, [path, file]]),
});

test.each([
  ["all of it, where nothing lies there", empty, [folders(root, `${root}/configure`), conf, run]],
  ["a file with other contents", with_("dkms.conf", { mode: 0o644, sha256: "old" }), [conf]],
  ["a file with another mode", with_("configure/run.sh", { mode: 0o644, sha256: "c2" }), [run]],
  ["a link in place of a file", with_("dkms.conf", { mode: 0o777, sha256: undefined }), [conf]],
  [
    "no file that the source lacks",
    with_("old.c", { mode: 0o644, sha256: "x" }),
    [{ kind: "remove", path: `${root}/old.c`, undo: { restore: [`${root}/old.c`] } }],
  ],
])("lays out %s", (_, tree, steps) => {
  expect(visible(planOf(dkmsSource, { manifest }, { tree }, { source: wanted }))).toEqual({ steps, stop: undefined });
  expect(planAgain(dkmsSource, { manifest }, { tree }, { source: wanted })).toEqual({ steps: [], stop: undefined });
});

test("plans nothing once the source is there to the letter", () => {
  expect(planOf(dkmsSource, { manifest }, { tree: complete }, { source: wanted })).toEqual({ steps: [], stop: undefined });
});
