import { generateKeyPairSync, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, ProofError } from "../../src/core/error.ts";
import { keyIdsOf } from "../../src/kernel/certificate.ts";
import { readModule } from "../../src/kernel/module_info.ts";
import { isSignedBy, readSigningKey, type SigningDigest, signModule } from "../../src/kernel/module_signing.ts";
import { ecKey, issuedBy, keyIdentifier, pemOf, pkcs7, rsaKey, selfSigned, sign } from "./certificate_fixture.ts";
import { exampleModinfo, writeModule } from "./elf_writer.ts";

const subjectKeyId = "00112233445566778899aabbccddeeff00112233";
const keys = { rsa: rsaKey(), other: rsaKey(), p256: ecKey("prime256v1"), p384: ecKey("secp384r1") };
const certificate = selfSigned(keys.rsa, { subjectKeyId });
const signing = readSigningKey(pemOf(keys.rsa), undefined, certificate);
const other = readSigningKey(pemOf(keys.other), undefined, selfSigned(keys.other));
const module = writeModule();
const signed = signModule(module, signing);

const bothOrders = [module, writeModule({ littleEndian: false, machine: 22 })];

describe.each<SigningDigest>(["sha256", "sha384", "sha512"])("with %s", (digest) => {
  test.each(["rsa", "p256", "p384"] as const)(
    "a module that was signed with %s says so, and is signed by that certificate alone",
    (kind) => {
      const own = readSigningKey(pemOf(keys[kind]), undefined, selfSigned(keys[kind], { subjectKeyId }), digest);
      for (const bytes of bothOrders) {
        const result = signModule(bytes, own);
        expect(Buffer.from(result).subarray(0, bytes.length).equals(bytes)).toBe(true);
        expect(readModule(result).signature).toEqual({ signer: "Our fleet's key", keyId: "01ff", digest });
        expect(isSignedBy(result, own.certificate)).toBe(true);
        expect(isSignedBy(result, other.certificate)).toBe(false);
      }
    },
  );
});

test.each<[what: string, bytes: Uint8Array]>([
  ["none", module],
  ["its own", signed],
  ["another's", signModule(module, other)],
  ["several", sign(sign(module, pkcs7(issuedBy("us", "01"))), pkcs7(keyIdentifier("02")))],
])("a signature takes the place of those that are there: %s", (_, bytes) => {
  expect(Buffer.from(signModule(bytes, signing)).equals(signed)).toBe(true);
});

test.each<[what: string, bytes: Uint8Array, message: string]>([
  ["a truncated module", module.subarray(0, -1), "truncated"],
  ["a module with something else behind it", Buffer.concat([module, Buffer.from("x")]), "behind its end"],
  ["a packed module", Buffer.from("fd377a585a0000", "hex"), "it is compressed (xz): unpack it first"],
  ["nothing", new Uint8Array(), "it is not an ELF file"],
])("does not sign %s, which nobody has signed", (_, bytes, message) => {
  expect(() => signModule(bytes, signing)).toThrow(ProofError);
  expect(() => signModule(bytes, signing)).toThrow(message);
  expect(isSignedBy(bytes, signing.certificate)).toBe(false);
});

describe("is not signed by a certificate", () => {
  const changed = signModule(writeModule({}, [...exampleModinfo, "x=1"]), signing);
  const rest = signed.subarray(module.length);
  test.each<[what: string, bytes: Uint8Array]>([
    ["without a signature", module],
    ["with another's signature that names it", sign(module, pkcs7(issuedBy("Our fleet's key", "01ff")))],
    ["with its signature of another module", Buffer.concat([module, changed.subarray(-rest.length)])],
    ["with its signature below another's", sign(signed, pkcs7(keyIdentifier("02")))],
    ["over a digest that is not its own", sign(module, pkcs7(issuedBy("us", "01"), "2b0e03021a"))],
  ])("%s", (_, bytes) => expect(isSignedBy(bytes, signing.certificate)).toBe(false));

  const flipped = (at: number, bits: number): Uint8Array => signed.with(at, (signed[at] ?? 0) ^ bits);

  test("once any byte has changed", () => {
    const changes = fc.tuple(fc.nat(signed.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(fc.property(changes, (change) => !isSignedBy(flipped(...change), signing.certificate)));
  });

  test("once any byte has changed of what the signature itself does not cover", () => {
    const value = { start: signed.length - 40 - 256, end: signed.length - 40 };
    for (let at = module.length; at < signed.length; at = at + 1 === value.start ? value.end : at + 1) {
      expect(isSignedBy(flipped(at, 1 << (at % 8)), signing.certificate), `byte ${at}`).toBe(false);
    }
  });

  test("once it was cut, or something was added", () => {
    fc.assert(fc.property(fc.nat(signed.length - 1), (size) => !isSignedBy(signed.subarray(0, size), signing.certificate)));
    fc.assert(
      fc.property(fc.nat(signed.length), fc.uint8Array({ minLength: 1, maxLength: 9 }), (at, more) => {
        return !isSignedBy(Buffer.concat([signed.subarray(0, at), more, signed.subarray(at)]), signing.certificate);
      }),
    );
  });
});

test("of two signatures the last one counts, over the first", () => {
  const twice = Buffer.concat([signed, signModule(module, other).subarray(module.length)]);
  expect(isSignedBy(twice, other.certificate)).toBe(false);
  expect(isSignedBy(twice, signing.certificate)).toBe(false);
});

test.each<[what: string, options: Parameters<typeof selfSigned>[1], ids: object]>([
  ["with a subject key identifier", { subjectKeyId }, { serial: "01ff", subjectKeyId, commonName: "Our fleet's key" }],
  ["of version 1", {}, { serial: "01ff", subjectKeyId: undefined, commonName: "Our fleet's key" }],
  ["with a long name", { name: 'ü, "x"\n+'.repeat(20) }, { serial: "01ff", commonName: 'ü, "x"\n+'.repeat(20) }],
  ["with a serial number that would be negative", { serial: "00f102" }, { serial: "00f102" }],
])("the names of a certificate %s", (_, options, ids) => {
  const bytes = selfSigned(keys.rsa, options);
  const { fingerprint, fingerprint256 } = new X509Certificate(bytes);
  const fingerprints = { sha1: fingerprint, sha256: fingerprint256 };
  const found = keyIdsOf(new X509Certificate(bytes));
  expect(found).toMatchObject(ids);
  const colons = (hex: string): string => (hex.toUpperCase().match(/../g) ?? []).join(":");
  expect({ sha1: colons(found.fingerprints.sha1), sha256: colons(found.fingerprints.sha256) }).toEqual(fingerprints);
  const own = readSigningKey(pemOf(keys.rsa), undefined, bytes);
  expect(readModule(signModule(module, own)).signature).toMatchObject({ keyId: found.serial, signer: found.commonName });
});

describe("a signing key", () => {
  const encrypted = (type: "pkcs1" | "pkcs8"): string =>
    keys.rsa.export({ type, format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" }).toString();
  const armoured = Buffer.from(new X509Certificate(certificate).toString());

  test.each<[what: string, pem: string, passphrase: string | undefined, certificate: Uint8Array]>([
    ["encrypted", encrypted("pkcs8"), "open sesame", certificate],
    ["encrypted as openssl used to", encrypted("pkcs1"), "open sesame", certificate],
    ["not encrypted, whatever the passphrase", pemOf(keys.rsa), "open sesame", certificate],
    ["with a certificate in PEM", pemOf(keys.rsa), undefined, armoured],
    ["in one file with its certificate", pemOf(keys.rsa) + armoured, undefined, Buffer.from(pemOf(keys.rsa) + armoured)],
  ])("may be %s", (_, pem, passphrase, bytes) => {
    expect(isSignedBy(signed, readSigningKey(pem, passphrase, bytes).certificate)).toBe(true);
  });

  const ed25519 = generateKeyPairSync("ed25519").privateKey;
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey;
  const readable = /^the signing key can't be read \(.+\): give a private key in PEM, and its passphrase where it is encrypted$/;
  test.each<[what: string, pem: string, passphrase: string | undefined, certificate: Uint8Array, message: RegExp]>([
    ["no key", "x", undefined, certificate, readable],
    [
      "a public key",
      new X509Certificate(certificate).publicKey.export({ type: "spki", format: "pem" }).toString(),
      undefined,
      certificate,
      readable,
    ],
    ["encrypted, without a passphrase", encrypted("pkcs8"), undefined, certificate, readable],
    ["encrypted, with another passphrase", encrypted("pkcs8"), "sesame", certificate, readable],
    ["with no certificate", pemOf(keys.rsa), undefined, Buffer.from("x"), /^the signing certificate can't be read \(.+\): give an X.509/],
    [
      "with another's certificate",
      pemOf(keys.other),
      undefined,
      certificate,
      /^the signing certificate \(Our fleet's key\) is of another key: give/,
    ],
    ["Ed25519", pemOf(ed25519), undefined, certificate, /kernels don't verify \(ed25519\): use RSA, or ECDSA with P-256 or P-384$/],
    ["RSA for PSS only", pemOf(pss), undefined, certificate, /kernels don't verify \(rsa-pss\): use/],
    ["on another curve", pemOf(ecKey("secp521r1")), undefined, certificate, /kernels don't verify \(secp521r1\): use/],
  ])("is refused: %s", (_, pem, passphrase, bytes, message) => {
    expect(() => readSigningKey(pem, passphrase, bytes)).toThrow(ConfigError);
    expect(() => readSigningKey(pem, passphrase, bytes)).toThrow(message);
  });
});
