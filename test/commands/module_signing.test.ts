import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fleetCertificateOf } from "../../src/commands/module_signing.ts";
import type { Settings } from "../../src/config/settings.ts";
import { rsaKey, selfSigned } from "../kernel/certificate_fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "kofleet-signing-"));
afterAll(() => rmSync(folder, { recursive: true }));
const moduleSigningCertificate = join(folder, "modules.der");
writeFileSync(moduleSigningCertificate, selfSigned(rsaKey()));

test.each<[settings: Settings, isKeyHere: boolean, isOnBuilders: true | undefined]>([
  [{ moduleSigningCertificate }, false, undefined],
  [{ moduleSigningCertificate, moduleSigningOn: "control" }, false, undefined],
  [{ moduleSigningCertificate, moduleSigningKey: "/k" }, true, undefined],
  [{ moduleSigningCertificate, moduleSigningOn: "builders" }, false, true],
])("who signs, from %j", (settings, isKeyHere, isOnBuilders) => {
  const certificate = fleetCertificateOf(settings);
  expect(certificate?.serial).toMatch(/^[0-9a-f]+$/);
  expect([certificate?.hasSigned !== undefined, certificate?.isOnBuilders]).toEqual([isKeyHere, isOnBuilders]);
});

test("nobody signs unless a setting says so", () => expect(fleetCertificateOf({})).toBeUndefined());

test.each<[settings: Settings, message: string]>([
  [{ moduleSigningKey: "/k" }, "module_signing_key is set without module_signing_certificate"],
  [{ moduleSigningOn: "builders" }, "module_signing_on: builders is set without module_signing_certificate"],
  [{ moduleSigningOn: "builders", moduleSigningKey: "/k", moduleSigningCertificate }, "take module_signing_key out"],
  [{ moduleSigningCertificate: "/none.der" }, "module_signing_certificate: /none.der can't be read"],
])("refuses %j", (settings, message) => {
  expect(() => fleetCertificateOf(settings)).toThrow(message);
});
