import { expect, test } from "vitest";
import { createContents } from "../../src/store/contents.ts";
import { moduleAtBoot } from "../../src/tasks/module_at_boot.ts";
import { nothing } from "./kernel_fixture.ts";
import { planOf } from "./planning.ts";
import { planAgain, visible } from "./prediction.ts";

const args = { module: "hello" };
const path = "/etc/modules-load.d/kofleet-hello.conf";

test("names the module in a file of its own", () => {
  const step = { kind: "write", title: "load hello at every boot", path, sha256: "aa", mode: 0o644, undo: { restore: [path] } };
  expect(visible(planOf(moduleAtBoot, args, { state: nothing }, { list: "aa" }))).toEqual({ steps: [step], stop: undefined });
  expect(planAgain(moduleAtBoot, args, { state: nothing }, { list: "aa" })).toEqual({ steps: [], stop: undefined });
});

test("plans nothing once some file names it", () => {
  expect(planOf(moduleAtBoot, args, { state: { ...nothing, atBoot: true } }, { list: "aa" })).toEqual({ steps: [], stop: undefined });
});

test("writes the name and nothing else", async () => {
  const contents = createContents();
  const { list } = moduleAtBoot.inputs?.(args, {} as never) ?? {};
  const sha256 = await list?.read({ contents } as never);
  expect(Buffer.from(await contents.open(sha256 ?? "")).toString()).toBe("hello\n");
});
