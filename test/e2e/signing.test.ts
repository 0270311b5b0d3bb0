import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TimedEvent } from "../../src/core/event.ts";
import type { StatusRow } from "../../src/report/status_table.ts";
import { pemOf, rsaKey, selfSigned } from "../kernel/certificate_fixture.ts";
import { Lab } from "../lab/lab.ts";
import { Kofleet, resultsOf } from "./kofleet.ts";

const manifest = join(import.meta.dirname, "../lab/modules/kofleet_offset.yaml");
const key = rsaKey();
const certificate = selfSigned(key, { name: "The lab's modules", subjectKeyId: "4c6162" });

let lab: Lab;
let kofleet: Kofleet;
let inventory: string;

beforeAll(async () => {
  lab = await Lab.start({ machines: ["secure"], containers: ["buildbox"] });
  kofleet = new Kofleet();
  writeFileSync(join(kofleet.home, "modules.pem"), pemOf(key), { mode: 0o600 });
  writeFileSync(join(kofleet.home, "modules.der"), certificate);
  writeFileSync(join(kofleet.home, "kofleet.yaml"), "module_signing_key: modules.pem\nmodule_signing_certificate: modules.der\n");
  inventory = await lab.inventory({ vars: { known_hosts: lab.knownHosts } });
});

afterAll(async () => {
  await lab?.stop();
  kofleet?.remove();
});

const rollout = () => kofleet.json<TimedEvent>(["rollout", "-i", inventory, "-m", manifest, "--yes"]);
const secure = () => lab.machine("secure");
const resultOf = (events: readonly TimedEvent[]) => resultsOf(events).find(({ host }) => host === "secure");

async function seen(): Promise<StatusRow | undefined> {
  const { lines } = await kofleet.json<StatusRow>(["status", "-i", inventory, "-m", manifest, "secure"]);
  return lines[0];
}

test("a kernel that loads signed modules only and does not trust the fleet's key is left alone, with what to do at its console", async () => {
  expect(await secure().read("cat /sys/module/module/parameters/sig_enforce; test -d /sys/firmware/efi && echo efi")).toBe("Y\nefi");
  expect(await seen()).toMatchObject({ signatures: { isEnforced: true, key: "not enrolled" }, verdict: "blocked" });
  const { code, lines } = await rollout();
  const reason = expect.stringMatching(/does not trust the key .*mokutil --import .*reboot/);
  expect([resultOf(lines), code]).toEqual([expect.objectContaining({ verdict: "blocked", reason }), 2]);
  expect(await secure().read("find /lib/modules/ -name 'kofleet_offset*'")).toBe("");
});

test("once it trusts the key, it loads what was signed on the control machine, and counts it as signed", async () => {
  await secure().trust(certificate);
  expect(await seen()).toMatchObject({ signatures: { isEnforced: true, key: "enrolled" } });
  const { code, lines, stderr } = await rollout();
  expect([resultOf(lines), code], stderr).toEqual([expect.objectContaining({ verdict: "changed" }), 0]);
  expect(await secure().read("cat /proc/kofleet_offset")).toContain("vm_commit_limit");
  expect(await secure().read('modinfo -F signer "$(modinfo -n kofleet_offset)"')).toBe("The lab's modules");
  // Bit 13: a module without a signature that the kernel trusts.
  expect(Number(await secure().read("cat /proc/sys/kernel/tainted")) & (1 << 13)).toBe(0);
});

test("is reported as it is, and nothing is left to do", async () => {
  expect(await seen()).toMatchObject({ verdict: "ok", loaded: "1.0.0" });
  const { code, lines } = await rollout();
  expect([resultOf(lines), code]).toEqual([expect.objectContaining({ verdict: "ok" }), 0]);
});
