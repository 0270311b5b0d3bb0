import { expect, test } from "vitest";
import type { z } from "zod";
import { command } from "../../src/tasks/command.ts";
import { planOf } from "./planning.ts";

const absent = { kind: "absent" } as const;
const file = { kind: "file", mode: 0o644, owner: {}, group: {}, size: 0 } as const;

test("runs its words as they are, numbers too", () => {
  expect(planOf(command, { argv: ["sleep", 3, "a b"], chdir: "/srv", env: { LANG: "C", N: 1 } }, {}, {})).toEqual({
    steps: [{ kind: "run", argv: ["sleep", "3", "a b"], cwd: "/srv", env: { LANG: "C", N: "1" } }],
    stop: undefined,
  });
});

test("is an action only without `creates`", () => {
  expect(command.action?.(command.args.parse({ argv: ["true"] }))).toBe(true);
  expect(command.action?.(command.args.parse({ argv: ["true"], creates: "/x" }))).toBe(false);
});

test("asks for a path only with `creates`, and then runs only where it is absent", () => {
  const args: z.input<typeof command.args> = { argv: ["make", "install"], creates: "/usr/local/bin/app" };
  expect(command.facts(command.args.parse({ argv: ["true"] }), {} as never)).toEqual({});
  expect(command.facts(command.args.parse(args), {} as never).created?.name).toBe("fileState /usr/local/bin/app");
  expect(planOf(command, args, { created: absent }, {}).steps).toEqual([{ kind: "run", argv: ["make", "install"] }]);
  expect(planOf(command, args, { created: file }, {}).steps).toEqual([]);
});

test("says nothing of its effect, so that check mode knows nothing afterwards", () => {
  expect(planOf(command, { argv: ["true"] }, {}, {}).steps[0]?.changes).toBeUndefined();
});

test.each([
  [{ argv: [] }],
  [{ argv: "ls -l" }],
  [{ argv: [["a"]] }],
  [{ argv: ["a"], env: { "A B": "c" } }],
  [{ argv: ["a"], creates: "x" }],
])("refuses %j", (args) => {
  expect(command.args.safeParse(args).success).toBe(false);
});
