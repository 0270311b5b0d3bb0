import { expect, test } from "vitest";
import { type PlannedHost, type PlanView, planTable } from "../../src/report/plan_table.ts";

const plain = { colour: false, ci: false };
const web = (index: number, wave: number): PlannedHost => ({
  host: `web${String(index).padStart(2, "0")}`,
  distribution: "ubuntu 24.04",
  kernels: ["6.8.0-62-generic"],
  route: "copy",
  reason: "no compiler here; build1 runs the same kernel",
  builder: "build1",
  packages: [],
  wave,
});
const hosts: readonly PlannedHost[] = [
  ...Array.from({ length: 20 }, (_, index) => web(index + 1, index === 0 ? 1 : index < 3 ? 2 : 3)),
  {
    host: "build1",
    distribution: "ubuntu 24.04",
    kernels: ["6.8.0-62-generic", "6.8.0-65-generic"],
    route: "build",
    reason: "declared a builder",
    packages: ["dkms", "gcc", "make", "linux-headers-6.8.0-62-generic", "linux-headers-6.8.0-65-generic"],
    wave: 1,
  },
  {
    host: "db1",
    distribution: "debian 12",
    kernels: ["6.1.0-37-amd64"],
    route: "current",
    reason: "0.12.0 is loaded, on disk and in the initramfs",
    packages: [],
  },
  { host: "lxc1", distribution: "debian 12", kernels: [], route: "skipped", reason: "kofleet_exempt: a container", packages: [] },
  { host: "db2", distribution: "debian 12", kernels: ["6.1.0-37-amd64"], route: "copy", reason: "the store has it", packages: [], wave: 3 },
  {
    host: "old1",
    distribution: "ubuntu 22.04",
    kernels: ["5.15.0-153-generic"],
    route: "blocked",
    reason: "no builder for ubuntu 22.04 5.15.0-153-generic x86_64: set `builder: true` on one such host, or import an artifact",
    packages: [],
  },
];
const plan: PlanView = {
  module: "dattobd",
  version: "0.12.0",
  hosts,
  builds: [{ kernel: "6.8.0-62-generic", builder: "build1", forHosts: ["build1", ...hosts.slice(0, 20).map(({ host }) => host)] }],
  waves: [],
};

test("140 columns", () => {
  expect(planTable(plan, { ...plain, width: 140 })).toMatchInlineSnapshot(`
    "dattobd 0.12.0: 25 hosts, 1 skipped, 1 current, 1 build, 21 copy, 1 blocked

    Hosts
    HOSTS            SYSTEM        KERNEL            ROUTE    FROM    WAVE
    ───────────────  ────────────  ────────────────  ───────  ──────  ────
    lxc1             debian 12                       skipped  -       -
      ↳ kofleet_exempt: a container
    db1              debian 12     6.1.0-37-amd64    current  -       -
      ↳ 0.12.0 is loaded, on disk and in the initramfs
    build1           ubuntu 24.04  6.8.0-62-generic  build    itself  1
                                   6.8.0-65-generic
      ↳ declared a builder
      ↳ installs dkms, gcc, make, linux-headers-6.8.0-62-generic, linux-headers-6.8.0-65-generic
    web01            ubuntu 24.04  6.8.0-62-generic  copy     build1  1
      ↳ no compiler here; build1 runs the same kernel
    web[02-03] (2)   ubuntu 24.04  6.8.0-62-generic  copy     build1  2
      ↳ no compiler here; build1 runs the same kernel
    web[04-20] (17)  ubuntu 24.04  6.8.0-62-generic  copy     build1  3
      ↳ no compiler here; build1 runs the same kernel
    db2              debian 12     6.1.0-37-amd64    copy     store   3
      ↳ the store has it

    Builds
    KERNEL            BUILDER  FOR
    ────────────────  ───────  ──────────────────────
    6.8.0-62-generic  build1   build1,web[01-20] (21)

    Blocked
    HOSTS  SYSTEM        KERNEL
    ─────  ────────────  ──────────────────
    old1   ubuntu 22.04  5.15.0-153-generic
      ↳ no builder for ubuntu 22.04 5.15.0-153-generic x86_64: set \`builder: true\` on one such host, or import an artifact"
  `);
});

test("80 columns", () => {
  expect(planTable(plan, { ...plain, width: 80 })).toMatchInlineSnapshot(`
    "dattobd 0.12.0: 25 hosts, 1 skipped, 1 current, 1 build, 21 copy, 1 blocked

    Hosts
    HOSTS            SYSTEM        KERNEL            ROUTE    FROM    WAVE
    ───────────────  ────────────  ────────────────  ───────  ──────  ────
    lxc1             debian 12                       skipped  -       -
      ↳ kofleet_exempt: a container
    db1              debian 12     6.1.0-37-amd64    current  -       -
      ↳ 0.12.0 is loaded, on disk and in the initramfs
    build1           ubuntu 24.04  6.8.0-62-generic  build    itself  1
                                   6.8.0-65-generic
      ↳ declared a builder
      ↳ installs dkms, gcc, make, linux-headers-6.8.0-62-generic,
        linux-headers-6.8.0-65-generic
    web01            ubuntu 24.04  6.8.0-62-generic  copy     build1  1
      ↳ no compiler here; build1 runs the same kernel
    web[02-03] (2)   ubuntu 24.04  6.8.0-62-generic  copy     build1  2
      ↳ no compiler here; build1 runs the same kernel
    web[04-20] (17)  ubuntu 24.04  6.8.0-62-generic  copy     build1  3
      ↳ no compiler here; build1 runs the same kernel
    db2              debian 12     6.1.0-37-amd64    copy     store   3
      ↳ the store has it

    Builds
    KERNEL            BUILDER  FOR
    ────────────────  ───────  ──────────────────────
    6.8.0-62-generic  build1   build1,web[01-20] (21)

    Blocked
    HOSTS  SYSTEM        KERNEL
    ─────  ────────────  ──────────────────
    old1   ubuntu 22.04  5.15.0-153-generic
      ↳ no builder for ubuntu 22.04 5.15.0-153-generic x86_64: set \`builder: true\`
        on one such host, or import an artifact"
  `);
});

test("60 columns", () => {
  expect(planTable(plan, { ...plain, width: 60 })).toMatchInlineSnapshot(`
    "dattobd 0.12.0: 25 hosts, 1 skipped, 1 current, 1 build, 21 copy, 1 blocked

    Hosts
    HOSTS         SYSTEM     KERNEL        ROUTE    FROM    WAVE
    ────────────  ─────────  ────────────  ───────  ──────  ────
    lxc1          debian 12                skipped  -       -
      ↳ kofleet_exempt: a container
    db1           debian 12  6.1.0-37-     current  -       -
                             amd64
      ↳ 0.12.0 is loaded, on disk and in the initramfs
    build1        ubuntu     6.8.0-62-     build    itself  1
                  24.04      generic
                             6.8.0-65-
                             generic
      ↳ declared a builder
      ↳ installs dkms, gcc, make,
        linux-headers-6.8.0-62-generic,
        linux-headers-6.8.0-65-generic
    web01         ubuntu     6.8.0-62-     copy     build1  1
                  24.04      generic
      ↳ no compiler here; build1 runs the same kernel
    web[02-03]    ubuntu     6.8.0-62-     copy     build1  2
    (2)           24.04      generic
      ↳ no compiler here; build1 runs the same kernel
    web[04-20]    ubuntu     6.8.0-62-     copy     build1  3
    (17)          24.04      generic
      ↳ no compiler here; build1 runs the same kernel
    db2           debian 12  6.1.0-37-     copy     store   3
                             amd64
      ↳ the store has it

    Builds
    KERNEL            BUILDER  FOR
    ────────────────  ───────  ──────────────────────
    6.8.0-62-generic  build1   build1,web[01-20] (21)

    Blocked
    HOSTS  SYSTEM        KERNEL
    ─────  ────────────  ──────────────────
    old1   ubuntu 22.04  5.15.0-153-generic
      ↳ no builder for ubuntu 22.04 5.15.0-153-generic x86_64:
        set \`builder: true\` on one such host, or import an
        artifact"
  `);
});

test("in a pipe", () => {
  expect(planTable(plan, plain)).toMatchInlineSnapshot(`
    "dattobd 0.12.0: 25 hosts, 1 skipped, 1 current, 1 build, 21 copy, 1 blocked

    Hosts
    HOSTS            SYSTEM        KERNEL            ROUTE    FROM    WAVE  REASON
    lxc1             debian 12     -                 skipped  -       -     kofleet_exempt: a container
    db1              debian 12     6.1.0-37-amd64    current  -       -     0.12.0 is loaded, on disk and in the initramfs
    build1           ubuntu 24.04  6.8.0-62-generic, 6.8.0-65-generic  build    itself  1     declared a builder; installs dkms, gcc, make, linux-headers-6.8.0-62-generic, linux-headers-6.8.0-65-generic
    web01            ubuntu 24.04  6.8.0-62-generic  copy     build1  1     no compiler here; build1 runs the same kernel
    web[02-03] (2)   ubuntu 24.04  6.8.0-62-generic  copy     build1  2     no compiler here; build1 runs the same kernel
    web[04-20] (17)  ubuntu 24.04  6.8.0-62-generic  copy     build1  3     no compiler here; build1 runs the same kernel
    db2              debian 12     6.1.0-37-amd64    copy     store   3     the store has it

    Builds
    KERNEL            BUILDER  FOR
    6.8.0-62-generic  build1   build1,web[01-20] (21)

    Blocked
    HOSTS  SYSTEM        KERNEL              REASON
    old1   ubuntu 22.04  5.15.0-153-generic  no builder for ubuntu 22.04 5.15.0-153-generic x86_64: set \`builder: true\` on one such host, or import an artifact"
  `);
});

test("nothing to do is one short table", () => {
  const current = hosts.filter(({ route }) => route === "current");
  expect(planTable({ ...plan, hosts: current, builds: [] }, { ...plain, width: 80 })).toMatchInlineSnapshot(`
    "dattobd 0.12.0: 1 host, 1 current

    Hosts
    HOSTS  SYSTEM     KERNEL          ROUTE    FROM  WAVE
    ─────  ─────────  ──────────────  ───────  ────  ────
    db1    debian 12  6.1.0-37-amd64  current  -     -
      ↳ 0.12.0 is loaded, on disk and in the initramfs"
  `);
});

test("a thousand hosts stay readable", () => {
  const many = Array.from({ length: 1000 }, (_, index) => ({
    ...web(index + 1, index < 5 ? 1 : index < 105 ? 2 : 3),
    host: `web${String(index + 1).padStart(4, "0")}`,
  }));
  expect(planTable({ ...plan, hosts: many, builds: [] }, { ...plain, width: 80 })).toMatchInlineSnapshot(`
    "dattobd 0.12.0: 1000 hosts, 1000 copy

    Hosts
    HOSTS                 SYSTEM        KERNEL            ROUTE  FROM    WAVE
    ────────────────────  ────────────  ────────────────  ─────  ──────  ────
    web[0001-0005] (5)    ubuntu 24.04  6.8.0-62-generic  copy   build1  1
      ↳ no compiler here; build1 runs the same kernel
    web[0006-0105] (100)  ubuntu 24.04  6.8.0-62-generic  copy   build1  2
      ↳ no compiler here; build1 runs the same kernel
    web[0106-1000] (895)  ubuntu 24.04  6.8.0-62-generic  copy   build1  3
      ↳ no compiler here; build1 runs the same kernel"
  `);
});

test("how what the store has comes out stands before what is blocked, and in full for who wants to know", () => {
  const proofs = [
    { name: "crcs", verdict: "holds", evidence: "all 3 CRCs are those of Module.symvers" },
    { name: "offsets", verdict: "refused", evidence: "kfree+0x48 is nothing" },
  ] as const;
  const blocked = hosts.filter(({ route }) => route === "blocked");
  const view = { ...plan, hosts: blocked, builds: [], proofs: [{ host: "old1", artifact: "dattobd@0.12.0", proofs }] };
  expect(planTable(view, { ...plain, width: 80 })).toMatchInlineSnapshot(`
    "dattobd 0.12.0: 1 host, 1 blocked

    Proofs
    ARTIFACT        HOSTS  PROOFS
    ──────────────  ─────  ───────────────
    dattobd@0.12.0  old1   offsets refused
      ↳ offsets refused: kfree+0x48 is nothing

    Blocked
    HOSTS  SYSTEM        KERNEL
    ─────  ────────────  ──────────────────
    old1   ubuntu 22.04  5.15.0-153-generic
      ↳ no builder for ubuntu 22.04 5.15.0-153-generic x86_64: set \`builder: true\`
        on one such host, or import an artifact"
  `);
  expect(planTable(view, { ...plain, width: 80 }, true)).toContain("crcs holds: all 3 CRCs are those of Module.symvers");
  expect(planTable({ ...view, proofs: [] }, { ...plain, width: 80 })).not.toContain("Proofs");
});

test("says what the user let pass", () => {
  const overridden = "dattobd supports kernels 5.15 - 6.8 on debian 12, not 6.12.1-amd64";
  const text = planTable({ ...plan, hosts: [{ ...web(1, 1), overridden }] }, { ...plain, width: 160 });
  expect(text).toContain(`let pass: ${overridden}`);
});
