import { expect, test } from "vitest";
import { unknown } from "../../src/core/step.ts";
import { depmod } from "../../src/tasks/depmod.ts";
import { file, next, nothing, running } from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { planAgain } from "./prediction.ts";

const listed = "updates/dkms/hello.ko";
const fresh = { listed, isFresh: true };
const none = { listed: undefined, isFresh: true };
const args = { module: "hello", kernels: [running] };
const facts = (files: (typeof file)[], index: object = fresh) => ({ state: { ...nothing, files }, [`index ${running}`]: index }) as never;
const step = { kind: "run", argv: ["depmod", running], detached: true, title: `index the modules of ${running}` };

test.each([
  ["the file is not listed", [file], none],
  ["another path is listed", [file], { listed: "extra/hello.ko", isFresh: true }],
  ["the file is newer than the index", [file], { listed, isFresh: false }],
  ["there is no index", [file], { listed: undefined, isFresh: false }],
  ["a file is listed that is gone", [], fresh],
  ["all that there is is damaged", [{ ...file, vermagic: undefined }], fresh],
])("indexes where %s", (_, files, index) => {
  expect(planOf(depmod, args, facts(files, index), {}).steps).toMatchObject([step]);
  expect(planAgain(depmod, args, facts(files, index), {})).toEqual({ steps: [], stop: undefined });
});

test.each([
  ["the file is listed", [file], fresh],
  ["one of several is listed", [{ ...file, path: `/lib/modules/${running}/extra/hello.ko` }, file], fresh],
  ["there is nothing to list", [], none],
])("plans nothing once %s", (_, files, index) => {
  expect(planOf(depmod, args, facts(files, index), {})).toEqual({ steps: [], stop: undefined });
});

test("names each kernel, never the running one by default, and saves that kernel's index", () => {
  const given = { state: { ...nothing, files: [] }, [`index ${running}`]: none, [`index ${next}`]: fresh } as never;
  const { steps } = planOf(depmod, { module: "hello", kernels: [running, next] }, given, {});
  expect(steps).toMatchObject([
    { argv: ["depmod", next], undo: { restore: expect.arrayContaining([`/usr/lib/modules/${next}/modules.dep.bin`]) } },
  ]);
});

test("does not claim to know which of several files depmod will choose", () => {
  const files = [file, { ...file, path: `/lib/modules/${running}/extra/hello.ko` }];
  const { steps } = planOf(depmod, args, facts(files, { listed: undefined, isFresh: false }), {}, { ...debianHost, kernel: running });
  const told = steps.flatMap(({ changes = [] }) => changes.map(({ name, to }) => [name, to({})]));
  expect(told).toEqual([
    [`moduleIndex hello ${running}`, unknown],
    ["moduleLoading hello", unknown],
  ]);
});

const rival = { ...file, path: `/lib/modules/${running}/updates/hello.ko`, sha256: "e".repeat(64) };
const taken = { listed: "updates/hello.ko", isFresh: true };

test.each([
  ["another build", rival],
  ["what nobody can look into", { ...rival, sha256: undefined }],
])("has nothing loaded where modprobe takes %s before what is installed", (_, first) => {
  expect(planOf(depmod, args, facts([first, file], taken), {})).toEqual({
    steps: [],
    stop: { verdict: "blocked", reason: expect.stringContaining(`${rival.path} is another build of hello than ${file.path}`) },
  });
});

test.each([
  ["what is installed goes first", [rival, file], fresh],
  ["the same build goes first", [{ ...rival, sha256: file.sha256 }, file], taken],
  ["nothing is installed", [rival], taken],
])("lets copies elsewhere be where %s", (_, files, index) => {
  expect(planOf(depmod, args, facts(files, index), {})).toEqual({ steps: [], stop: undefined });
});
