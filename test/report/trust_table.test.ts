import { expect, test } from "vitest";
import { type ShownKey, trustTable } from "../../src/report/trust_table.ts";

const key = (host: string, state: ShownKey["state"], more: Partial<ShownKey> = {}): ShownKey => ({
  host,
  type: "ssh-ed25519",
  fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw",
  state,
  ...more,
});

test("hosts that show the same key share a row, and what was refused says why", () => {
  const keys = [
    key("web1", "new"),
    key("web2", "new"),
    key("db1", "known"),
    key("db2", "changed", { place: "/home/ada/.ssh/known_hosts:12" }),
  ];
  expect(trustTable(keys, { colour: false, ci: false, width: 80 })).toMatchInlineSnapshot(`
    "HOST      KEY      FINGERPRINT                                         STATE
    ────────  ───────  ──────────────────────────────────────────────────  ───────
    web[1-2]  ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  new
    db1       ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  known
    db2       ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  changed
      ↳ not accepted: it contradicts /home/ada/.ssh/known_hosts:12"
  `);
  expect(trustTable(keys, { colour: true, ci: false, width: 80 })).toContain("\u001b[31mchanged\u001b[39m");
});
