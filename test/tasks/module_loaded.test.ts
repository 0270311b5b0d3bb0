import { expect, test } from "vitest";
import type { KernelTrouble } from "../../src/facts/kernel_trouble.ts";
import type { ModuleLoading } from "../../src/facts/module_loading.ts";
import { loadScript } from "../../src/tasks/load_script.ts";
import { moduleLoaded } from "../../src/tasks/module_loaded.ts";
import { file, loaded, nothing, running } from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { planAgain, visible } from "./prediction.ts";

const host = { ...debianHost, kernel: running };
const onDisk = { ...nothing, files: [file] };
const asFile: ModuleLoading = { target: { kind: "file", path: file.path, srcversion: file.srcversion }, denial: undefined };
const load = {
  kind: "script",
  title: "load hello",
  script: loadScript,
  args: ["hello"],
  undo: { run: ["modprobe", "--remove", "hello"] },
};
const trouble: KernelTrouble = { taint: [], lines: [], damage: [], isReadable: true };
const unload = { kind: "run", title: "unload hello", argv: ["modprobe", "--remove", "hello"], undo: { run: ["modprobe", "hello"] } };
const plan = (args: object, state: object, loading: ModuleLoading = asFile) =>
  planOf(moduleLoaded, { module: "hello", ...args } as never, { state: { ...onDisk, ...state }, loading, trouble }, {}, host);

test.each([
  ["loads what is not loaded", {}, {}, [load]],
  ["loads the build that lies there instead of another source's", {}, { loaded: { ...loaded, srcversion: "OLD" } }, [unload, load]],
  ["loads the build that lies there instead of another build of its source", {}, { loaded: { ...loaded, buildId: "00" } }, [unload, load]],
  ["unloads what nobody uses", { state: "unloaded" }, { loaded }, [unload]],
])("%s", (_, args, state, steps) => {
  expect(visible(plan(args, state))).toEqual({ steps, stop: undefined });
  const facts = { state: { ...onDisk, ...state }, loading: asFile, trouble };
  expect(planAgain(moduleLoaded, { module: "hello", ...args } as never, facts, {}, host)).toEqual({ steps: [], stop: undefined });
});

test.each([
  ["it is loaded", {}, { loaded }, asFile],
  ["it is loaded, in use or not", {}, { loaded: { ...loaded, users: 3 } }, asFile],
  ["it is loaded, and tells nothing of its build", {}, { loaded: { ...loaded, srcversion: undefined, buildId: undefined } }, asFile],
  ["it is loaded, and its file is gone", {}, { loaded, files: [] }, { ...asFile, target: { kind: "missing" } }],
  ["it is loaded, though it may not be", {}, { loaded }, { ...asFile, denial: "blacklist hello" }],
  ["it is part of the kernel", {}, {}, { ...asFile, target: { kind: "built-in" } }],
  ["it is out", { state: "unloaded" }, {}, asFile],
] as const)("plans nothing once %s", (_, args, state, loading) => {
  expect(plan(args, state, loading)).toEqual({ steps: [], stop: undefined });
});

const bug = "BUG: kernel NULL pointer dereference, address: 0000000000000000";
const oops = { ...trouble, lines: [bug], damage: [bug] };

test("knows its file by either way to write the folder of modules", () => {
  const usr: ModuleLoading = { target: { kind: "file", path: `/usr${file.path}`, srcversion: file.srcversion }, denial: undefined };
  expect(visible(plan({}, { loaded: { ...loaded, buildId: "00" } }, usr))).toEqual({ steps: [unload, load], stop: undefined });
});

test("does not take for done what has done damage, also where another run loaded it", () => {
  const facts = { state: { ...onDisk, loaded }, loading: asFile, trouble: oops };
  expect(planOf(moduleLoaded, { module: "hello" }, facts, {}, host)).toEqual({
    steps: [],
    stop: { verdict: "failed", reason: `the kernel log tells of trouble with hello since it was loaded: ${bug}` },
  });
  const refused = { ...facts, trouble: { ...trouble, lines: ["hello: disagrees about version of symbol module_layout"] } };
  expect(planOf(moduleLoaded, { module: "hello" }, refused, {}, host)).toEqual({ steps: [], stop: undefined });
});

test("loads another build in the place of one that has done damage", () => {
  const facts = { state: { ...onDisk, loaded: { ...loaded, srcversion: "OLD" } }, loading: asFile, trouble: oops };
  expect(visible(planOf(moduleLoaded, { module: "hello" }, facts, {}, host))).toEqual({ steps: [unload, load], stop: undefined });
});

const other = { ...loaded, srcversion: "OLD" };

test.each([
  [
    "another build is in use",
    {},
    { loaded: { ...other, users: 2, holders: ["dm_mod"] } },
    asFile,
    "pending-reboot",
    "it is in use (2, by dm_mod)",
  ],
  ["the kernel can't unload", {}, { loaded: { ...other, users: undefined } }, asFile, "pending-reboot", "can't unload modules"],
  [
    "it is to be unloaded while in use",
    { state: "unloaded" },
    { loaded: { ...loaded, users: 1 } },
    asFile,
    "pending-reboot",
    "it is in use (1)",
  ],
  ["it is on the blacklist", {}, {}, { ...asFile, denial: "blacklist hello" }, "blocked", 'the host says "blacklist hello"'],
  ["modprobe does something else", {}, {}, { target: { kind: "missing" }, denial: "install hello /bin/true" }, "blocked", "/bin/true"],
  [
    "modprobe takes a file that is none of the module's",
    {},
    { loaded },
    { target: { kind: "file", path: "/opt/hello.ko", srcversion: undefined }, denial: undefined },
    "failed",
    "modprobe would load /opt/hello.ko, which is no file of hello",
  ],
  ["modprobe finds none", {}, {}, { target: { kind: "missing" }, denial: undefined }, "failed", `modprobe finds no hello for ${running}`],
] as const)("does nothing where %s", (_, args, state, loading, verdict, reason) => {
  expect(plan(args, state, loading)).toEqual({ steps: [], stop: { verdict, reason: expect.stringContaining(reason) } });
});

test.each(["--remove", "a b", "../x", ""])("takes no %j for a module", (module) => {
  expect(moduleLoaded.args.safeParse({ module }).success).toBe(false);
});
