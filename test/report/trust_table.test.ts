import { expect, test } from "vitest";
import { type ShownKey, trustTable } from "../../src/report/trust_table.ts";

const key = (host: string, state: ShownKey["state"], more: Partial<ShownKey> = {}): ShownKey => ({
  host,
  type: "ssh-ed25519",
  title: "ED25519",
  fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw",
  state,
  ...more,
});

const place = "/home/ada/.ssh/known_hosts:12";
const removal = "ssh-keygen -f /home/ada/.ssh/known_hosts -R db2";

test("hosts that show the same key share a row, and what was refused says why", () => {
  const keys = [key("web1", "new"), key("web2", "new"), key("db1", "known"), key("db2", "changed", { place, removal })];
  expect(trustTable(keys, { colour: false, ci: false, width: 80 })).toMatchInlineSnapshot(`
    "HOST      KEY      FINGERPRINT                                         STATE
    ────────  ───────  ──────────────────────────────────────────────────  ───────
    web[1-2]  ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  new
    db1       ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  known
    db2       ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  changed
      ↳ not accepted: it contradicts /home/ada/.ssh/known_hosts:12; if the host was
        set up anew: ssh-keygen -f /home/ada/.ssh/known_hosts -R db2"
  `);
  expect(trustTable(keys, { colour: true, ci: false, width: 80 })).toContain("\u001b[31mchanged\u001b[39m");
});

test("every state says what it means", () => {
  const keys = [
    key("a", "missing", { place, removal }),
    key("b", "revoked", { place }),
    key("c", "mismatch", { place: "/srv/keys.txt:3" }),
    key("d", "unlisted"),
  ];
  expect(trustTable(keys, { colour: false, ci: false })).toMatchInlineSnapshot(`
    "HOST  KEY      FINGERPRINT                               STATE     WHY
    a     ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  missing   known by /home/ada/.ssh/known_hosts:12, and no longer shown; if it was retired: ssh-keygen -f /home/ada/.ssh/known_hosts -R db2
    b     ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  revoked   not accepted: revoked by /home/ada/.ssh/known_hosts:12
    c     ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  mismatch  not accepted: /srv/keys.txt:3 lists another key
    d     ED25519  SHA256:uNiVztksCsDhcc0u9e8BrrJXVSDbMkkEmu2jWBkVkFw  unlisted  not accepted: the list does not have it"
  `);
});
