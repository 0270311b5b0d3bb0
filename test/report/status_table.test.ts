import { expect, test } from "vitest";
import { type StatusRow, statusTable } from "../../src/report/status_table.ts";

const plain = { colour: false, ci: false };
const rows: readonly StatusRow[] = [
  {
    host: "build1",
    os: "Ubuntu 24.04",
    kernel: "6.8.0-62-generic",
    nextKernel: "6.8.0-62-generic",
    dkms: "installed",
    onDisk: "0.12.0",
    loaded: "0.12.0",
    inInitramfs: true,
    atBoot: true,
    verdict: "ok",
  },
  {
    host: "web01.example.org",
    os: "Debian 12",
    kernel: "6.1.0-37-amd64",
    nextKernel: "6.1.0-38-amd64",
    dkms: null,
    onDisk: "0.12.0",
    loaded: "0.11.8",
    inInitramfs: "stale",
    atBoot: true,
    verdict: "pending-reboot",
    reason: "dattobd 0.11.8 is in use by 2 devices; 0.12.0 is loaded at the next boot",
  },
  {
    host: "rocky1",
    os: "Rocky Linux 8.10",
    kernel: "4.18.0-553.5.1.el8_10.x86_64",
    dkms: "built",
    onDisk: null,
    loaded: null,
    inInitramfs: false,
    atBoot: false,
    verdict: "blocked",
    reason: "no builder for rocky 8.10 4.18.0-553.5.1.el8_10.x86_64: set `builder: true` on one such host, or import an artifact",
  },
  { host: "db7", verdict: "unreachable", reason: "connection refused: 10.0.0.7 port 22" },
];

test("140 columns: all side by side", () => {
  expect(statusTable(rows, { ...plain, width: 150 })).toMatchInlineSnapshot(`
    "HOST               OS                KERNEL                        NEXT KERNEL     DKMS       ON DISK  LOADED  INITRAMFS  AT BOOT  VERDICT
    ─────────────────  ────────────────  ────────────────────────────  ──────────────  ─────────  ───────  ──────  ─────────  ───────  ──────────────
    build1             Ubuntu 24.04      6.8.0-62-generic              same            installed  0.12.0   0.12.0  yes        yes      ok
    web01.example.org  Debian 12         6.1.0-37-amd64                6.1.0-38-amd64  -          0.12.0   0.11.8  stale      yes      pending-reboot
      ↳ dattobd 0.11.8 is in use by 2 devices; 0.12.0 is loaded at the next boot
    rocky1             Rocky Linux 8.10  4.18.0-553.5.1.el8_10.x86_64  ?               built      -        -       no         no       blocked
      ↳ no builder for rocky 8.10 4.18.0-553.5.1.el8_10.x86_64: set \`builder: true\` on one such host, or import an artifact
    db7                ?                 ?                             ?               ?          ?        ?       ?          ?        unreachable
      ↳ connection refused: 10.0.0.7 port 22"
  `);
  expect(statusTable(rows.slice(0, 2), { ...plain, width: 140 })).toMatchInlineSnapshot(`
    "HOST               OS            KERNEL            NEXT KERNEL     DKMS       ON DISK  LOADED  INITRAMFS  AT BOOT  VERDICT
    ─────────────────  ────────────  ────────────────  ──────────────  ─────────  ───────  ──────  ─────────  ───────  ──────────────
    build1             Ubuntu 24.04  6.8.0-62-generic  same            installed  0.12.0   0.12.0  yes        yes      ok
    web01.example.org  Debian 12     6.1.0-37-amd64    6.1.0-38-amd64  -          0.12.0   0.11.8  stale      yes      pending-reboot
      ↳ dattobd 0.11.8 is in use by 2 devices; 0.12.0 is loaded at the next boot"
  `);
});

test("80 columns: two fields to a column", () => {
  expect(statusTable(rows, { ...plain, width: 80 })).toMatchInlineSnapshot(`
    "HOST           KERNEL              DKMS       ON DISK  INITRAMFS  VERDICT
    OS             NEXT KERNEL                    LOADED   AT BOOT
    ─────────────  ──────────────────  ─────────  ───────  ─────────  ──────────────
    build1         6.8.0-62-generic    installed  0.12.0   yes        ok
    Ubuntu 24.04   same                           0.12.0   yes
    web01.         6.1.0-37-amd64      -          0.12.0   stale      pending-reboot
    example.org    6.1.0-38-amd64                 0.11.8   yes
    Debian 12
      ↳ dattobd 0.11.8 is in use by 2 devices; 0.12.0 is loaded at the next boot
    rocky1         4.18.0-553.5.1.     built      -        no         blocked
    Rocky Linux …  el8_10.x86_64                  -        no
                   ?
      ↳ no builder for rocky 8.10 4.18.0-553.5.1.el8_10.x86_64: set \`builder: true\`
        on one such host, or import an artifact
    db7            ?                   ?          ?        ?          unreachable
    ?              ?                              ?        ?
      ↳ connection refused: 10.0.0.7 port 22"
  `);
});

test("60 columns: a paragraph for each host", () => {
  expect(statusTable(rows.slice(0, 2), { ...plain, width: 60 })).toMatchInlineSnapshot(`
    "HOST         build1
    OS           Ubuntu 24.04
    KERNEL       6.8.0-62-generic
    NEXT KERNEL  same
    DKMS         installed
    ON DISK      0.12.0
    LOADED       0.12.0
    INITRAMFS    yes
    AT BOOT      yes
    VERDICT      ok

    HOST         web01.example.org
    OS           Debian 12
    KERNEL       6.1.0-37-amd64
    NEXT KERNEL  6.1.0-38-amd64
    DKMS         -
    ON DISK      0.12.0
    LOADED       0.11.8
    INITRAMFS    stale
    AT BOOT      yes
    VERDICT      pending-reboot
    dattobd 0.11.8 is in use by 2 devices; 0.12.0 is loaded at
    the next boot"
  `);
});

test("in a pipe: a line for each host, with every field", () => {
  expect(statusTable(rows, plain)).toMatchInlineSnapshot(`
    "HOST               OS                KERNEL                        NEXT KERNEL     DKMS       ON DISK  LOADED  INITRAMFS  AT BOOT  VERDICT         REASON
    build1             Ubuntu 24.04      6.8.0-62-generic              same            installed  0.12.0   0.12.0  yes        yes      ok              -
    web01.example.org  Debian 12         6.1.0-37-amd64                6.1.0-38-amd64  -          0.12.0   0.11.8  stale      yes      pending-reboot  dattobd 0.11.8 is in use by 2 devices; 0.12.0 is loaded at the next boot
    rocky1             Rocky Linux 8.10  4.18.0-553.5.1.el8_10.x86_64  ?               built      -        -       no         no       blocked         no builder for rocky 8.10 4.18.0-553.5.1.el8_10.x86_64: set \`builder: true\` on one such host, or import an artifact
    db7                ?                 ?                             ?               ?          ?        ?       ?          ?        unreachable     connection refused: 10.0.0.7 port 22"
  `);
});

const [build1, web01, rocky1] = rows.map(({ reason: _, ...row }): StatusRow => row);
const free = { isEnforced: false, key: null };

test("signatures have no column where no kernel wants them and the fleet has no key", () => {
  expect(
    statusTable(
      [
        { ...build1!, signatures: free },
        { ...web01!, signatures: null },
      ],
      plain,
    ),
  ).not.toMatch(/SIGNATURES|KEY/);
});

test("the key has no column where the fleet has none", () => {
  const told = [{ ...build1!, signatures: { ...free, isEnforced: true } }, { ...web01!, signatures: free }, rocky1!];
  expect(statusTable(told, plain)).toMatchInlineSnapshot(`
    "HOST               OS                KERNEL                        NEXT KERNEL     DKMS       ON DISK  LOADED  INITRAMFS  AT BOOT  SIGNATURES    VERDICT
    build1             Ubuntu 24.04      6.8.0-62-generic              same            installed  0.12.0   0.12.0  yes        yes      enforced      ok
    web01.example.org  Debian 12         6.1.0-37-amd64                6.1.0-38-amd64  -          0.12.0   0.11.8  stale      yes      not enforced  pending-reboot
    rocky1             Rocky Linux 8.10  4.18.0-553.5.1.el8_10.x86_64  ?               built      -        -       no         no       ?             blocked"
  `);
});

test("where the fleet has a key, what becomes of it is told of every host", () => {
  const told: readonly StatusRow[] = [
    { ...build1!, signatures: { isEnforced: true, key: "enrolled" } },
    { ...web01!, signatures: { isEnforced: false, key: "import pending" } },
    { ...rocky1!, signatures: { isEnforced: true, key: "not enrolled" } },
    { ...rocky1!, host: "rocky2", signatures: { isEnforced: true, key: "unknown" } },
    { ...rocky1!, host: "lxc1", signatures: null },
  ];
  expect(statusTable(told, plain)).toMatchInlineSnapshot(`
    "HOST               OS                KERNEL                        NEXT KERNEL     DKMS       ON DISK  LOADED  INITRAMFS  AT BOOT  SIGNATURES    KEY             VERDICT
    build1             Ubuntu 24.04      6.8.0-62-generic              same            installed  0.12.0   0.12.0  yes        yes      enforced      enrolled        ok
    web01.example.org  Debian 12         6.1.0-37-amd64                6.1.0-38-amd64  -          0.12.0   0.11.8  stale      yes      not enforced  import pending  pending-reboot
    rocky1             Rocky Linux 8.10  4.18.0-553.5.1.el8_10.x86_64  ?               built      -        -       no         no       enforced      not enrolled    blocked
    rocky2             Rocky Linux 8.10  4.18.0-553.5.1.el8_10.x86_64  ?               built      -        -       no         no       enforced      ?               blocked
    lxc1               Rocky Linux 8.10  4.18.0-553.5.1.el8_10.x86_64  ?               built      -        -       no         no       -             -               blocked"
  `);
  expect(statusTable(told.slice(0, 2), { ...plain, width: 90 })).toMatchInlineSnapshot(`
    "HOST         KERNEL            DKMS       ON DISK  INITRAMFS  SIGNATURES   VERDICT
    OS           NEXT KERNEL                  LOADED   AT BOOT    KEY
    ───────────  ────────────────  ─────────  ───────  ─────────  ───────────  ──────────────
    build1       6.8.0-62-generic  installed  0.12.0   yes        enforced     ok
    Ubuntu 24.…  same                         0.12.0   yes        enrolled
    web01.       6.1.0-37-amd64    -          0.12.0   stale      not          pending-reboot
    example.org  6.1.0-38-amd64               0.11.8   yes        enforced
    Debian 12                                                     import
                                                                  pending"
  `);
});

test("what can't be known is told with -v only", () => {
  const told: readonly StatusRow[] = [
    { ...build1!, unknown: ["whether the fleet's key is enrolled: it has no /proc/keys", "x: y"] },
    { ...web01!, reason: "not loaded", unknown: [] },
    { ...rocky1!, reason: "not loaded", unknown: ["x: \u001b[2Jy"] },
  ];
  expect(statusTable(told, plain)).not.toMatch(/unknown/);
  expect(statusTable(told, plain, true)).toMatchInlineSnapshot(`
    "HOST               OS                KERNEL                        NEXT KERNEL     DKMS       ON DISK  LOADED  INITRAMFS  AT BOOT  VERDICT         REASON
    build1             Ubuntu 24.04      6.8.0-62-generic              same            installed  0.12.0   0.12.0  yes        yes      ok              unknown: whether the fleet's key is enrolled: it has no /proc/keys; unknown: x: y
    web01.example.org  Debian 12         6.1.0-37-amd64                6.1.0-38-amd64  -          0.12.0   0.11.8  stale      yes      pending-reboot  not loaded
    rocky1             Rocky Linux 8.10  4.18.0-553.5.1.el8_10.x86_64  ?               built      -        -       no         no       blocked         not loaded; unknown: x: y"
  `);
  expect(statusTable(told, { ...plain, width: 140 }, true)).toMatchInlineSnapshot(`
    "HOST               KERNEL                        DKMS       ON DISK  INITRAMFS  VERDICT
    OS                 NEXT KERNEL                              LOADED   AT BOOT
    ─────────────────  ────────────────────────────  ─────────  ───────  ─────────  ──────────────
    build1             6.8.0-62-generic              installed  0.12.0   yes        ok
    Ubuntu 24.04       same                                     0.12.0   yes
      ↳ unknown: whether the fleet's key is enrolled: it has no /proc/keys
      ↳ unknown: x: y
    web01.example.org  6.1.0-37-amd64                -          0.12.0   stale      pending-reboot
    Debian 12          6.1.0-38-amd64                           0.11.8   yes
      ↳ not loaded
    rocky1             4.18.0-553.5.1.el8_10.x86_64  built      -        no         blocked
    Rocky Linux 8.10   ?                                        -        no
      ↳ not loaded
      ↳ unknown: x: y"
  `);
});

test("what differs is coloured", () => {
  const coloured = statusTable(rows, { colour: true, ci: false });
  expect(coloured).toContain("\u001b[33m0.11.8\u001b[39m");
  expect(coloured).toContain("\u001b[33m6.1.0-38-amd64\u001b[39m");
  expect(coloured).toContain("\u001b[31mstale\u001b[39m");
});

test("text from a host can't move the cursor", () => {
  const row: StatusRow = {
    host: "evil",
    os: "\u001b[2J\u001b]0;x\u0007Debian\r\n12",
    kernel: "6\u0008.1",
    verdict: "ok",
    reason: "::error::x",
  };
  expect(statusTable([row], { colour: false, ci: true })).toMatchInlineSnapshot(`
    "HOST  OS         KERNEL  NEXT KERNEL  DKMS  ON DISK  LOADED  INITRAMFS  AT BOOT  VERDICT  REASON
    evil  Debian 12  6.1     ?            ?     ?        ?       ?          ?        ok       error::x"
  `);
});
