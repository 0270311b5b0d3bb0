import { expect, test } from "vitest";
import type { HostResult } from "../../src/core/outcome.ts";
import { type RecapView, recap } from "../../src/report/recap.ts";

const plain = { colour: false, ci: false };
const results: readonly HostResult[] = [
  {
    host: "old1",
    verdict: "failed",
    reason: "build the module: dkms build exited 10: dattobd.c:12: error: implicit declaration of ‘bio_set_dev’",
    counts: { ok: 3, failed: 1 },
  },
  ...Array.from(
    { length: 20 },
    (_, index): HostResult => ({
      host: `web${String(index + 1).padStart(2, "0")}`,
      verdict: "changed",
      counts: { ok: 7, changed: 5, skipped: 1 },
    }),
  ),
  { host: "db1", verdict: "ok", counts: { ok: 12, skipped: 1 } },
  { host: "db2", verdict: "unreachable", reason: "refused: 10.0.0.2 port 22", counts: { unreachable: 1 } },
  { host: "db3", verdict: "unreachable", reason: "refused: 10.0.0.3 port 22", counts: { unreachable: 1 } },
];
const view: RecapView = {
  hosts: [...results.map(({ host }) => host), "db8", "db9"],
  results,
  check: false,
  milliseconds: 192_000,
  folder: "/home/ada/.local/state/kofleet/runs/20261122-201530-4f3a",
};

test("80 columns", () => {
  expect(recap(view, { ...plain, width: 80 })).toMatchInlineSnapshot(`
    "HOSTS            VERDICT      TASKS
    ───────────────  ───────────  ──────────────────────────
    db1              ok           12 ok, 1 skipped
    web[01-20] (20)  changed      7 ok, 5 changed, 1 skipped
    db2              unreachable  1 unreachable
      ↳ refused: 10.0.0.2 port 22
    db3              unreachable  1 unreachable
      ↳ refused: 10.0.0.3 port 22
    old1             failed       3 ok, 1 failed
      ↳ build the module: dkms build exited 10: dattobd.c:12: error: implicit
        declaration of ‘bio_set_dev’

    not touched: db[8-9] (2)
    24 hosts, 1 ok, 20 changed, 2 unreachable, 1 failed in 3 min 12 s
    logs: /home/ada/.local/state/kofleet/runs/20261122-201530-4f3a"
  `);
});

test("60 columns", () => {
  expect(recap(view, { ...plain, width: 60 })).toMatchInlineSnapshot(`
    "HOSTS            VERDICT      TASKS
    ───────────────  ───────────  ──────────────────────────
    db1              ok           12 ok, 1 skipped
    web[01-20] (20)  changed      7 ok, 5 changed, 1 skipped
    db2              unreachable  1 unreachable
      ↳ refused: 10.0.0.2 port 22
    db3              unreachable  1 unreachable
      ↳ refused: 10.0.0.3 port 22
    old1             failed       3 ok, 1 failed
      ↳ build the module: dkms build exited 10: dattobd.c:12:
        error: implicit declaration of ‘bio_set_dev’

    not touched: db[8-9] (2)
    24 hosts, 1 ok, 20 changed, 2 unreachable, 1 failed in 3 min 12 s
    logs: /home/ada/.local/state/kofleet/runs/20261122-201530-4f3a"
  `);
});

test("in a pipe", () => {
  expect(recap(view, plain)).toMatchInlineSnapshot(`
    "HOSTS            VERDICT      TASKS                       REASON
    db1              ok           12 ok, 1 skipped            -
    web[01-20] (20)  changed      7 ok, 5 changed, 1 skipped  -
    db2              unreachable  1 unreachable               refused: 10.0.0.2 port 22
    db3              unreachable  1 unreachable               refused: 10.0.0.3 port 22
    old1             failed       3 ok, 1 failed              build the module: dkms build exited 10: dattobd.c:12: error: implicit declaration of ‘bio_set_dev’

    not touched: db[8-9] (2)
    24 hosts, 1 ok, 20 changed, 2 unreachable, 1 failed in 3 min 12 s
    logs: /home/ada/.local/state/kofleet/runs/20261122-201530-4f3a"
  `);
});

test("check mode says that nothing was changed", () => {
  const one: HostResult = { host: "db1", verdict: "unknown", reason: "unknown until install dkms", counts: { ok: 1, unknown: 1 } };
  expect(
    recap({ ...view, hosts: ["db1"], results: [one], check: true, milliseconds: 400 }, { ...plain, width: 80 }),
  ).toMatchInlineSnapshot(`
    "HOSTS  VERDICT  TASKS
    ─────  ───────  ───────────────
    db1    unknown  1 ok, 1 unknown
      ↳ unknown until install dkms

    check mode, nothing was changed: 1 host, 1 unknown in 0.4 s
    logs: /home/ada/.local/state/kofleet/runs/20261122-201530-4f3a"
  `);
});

test("a run that touched nobody says so", () => {
  expect(recap({ ...view, results: [], hosts: ["db1", "db2"] }, plain)).toMatchInlineSnapshot(`
    "not touched: db[1-2] (2)
    0 hosts in 3 min 12 s
    logs: /home/ada/.local/state/kofleet/runs/20261122-201530-4f3a"
  `);
});
