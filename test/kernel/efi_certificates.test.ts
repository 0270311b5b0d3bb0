import fc from "fast-check";
import { expect, test } from "vitest";
import { efiCertificates } from "../../src/kernel/efi_certificates.ts";
import { rsaKey, selfSigned } from "./certificate_fixture.ts";
import { listOf, sha256, signatureList } from "./efi_fixture.ts";

const key = rsaKey();
const own = selfSigned(key, { name: "Own", subjectKeyId: "a0b1" });
const other = selfSigned(key, { name: "Other", serial: "02aa" });
const names = (lists: Uint8Array) => efiCertificates(lists)?.map(({ commonName }) => commonName);

test("reads certificates, of one list and of several, and passes over hashes", () => {
  expect(names(Buffer.concat([signatureList(own), listOf(sha256, Buffer.alloc(32, 7)), signatureList(other)]))).toEqual(["Own", "Other"]);
  expect(names(signatureList(own, own))).toEqual(["Own", "Own"]);
  expect(efiCertificates(signatureList(own))).toMatchObject([{ serial: "01ff", subjectKeyId: "a0b1" }]);
});

test("no list has no certificate", () => expect(names(Buffer.alloc(0))).toEqual([]));

test.each<[what: string, lists: Uint8Array]>([
  ["cut off in a header", signatureList(own).subarray(0, 20)],
  ["cut off in a certificate", signatureList(own).subarray(0, -1)],
  ["no certificate", signatureList(Buffer.from("none"))],
  ["a list of no length", Buffer.alloc(28)],
  ["no owner", signatureList(own).fill(0, 24, 28)],
  ["a header beyond its list", signatureList(own).fill(255, 20, 23)],
])("tells damage from nothing: %s", (_, lists) => expect(names(lists)).toBeUndefined());

test("throws at nothing", () => {
  const sound = signatureList(own);
  const damage = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 8 });
  fc.assert(
    fc.property(damage, fc.nat(sound.length), (bytes, length) => {
      const damaged = Buffer.from(sound).subarray(0, length);
      for (const [at, value] of bytes) damaged[at] = value;
      efiCertificates(damaged);
    }),
  );
});
