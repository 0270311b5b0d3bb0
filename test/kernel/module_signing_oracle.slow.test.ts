import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { keyIdsOf } from "../../src/kernel/certificate.ts";
import { isSignedBy, readSigningKey, type SigningDigest, signModule } from "../../src/kernel/module_signing.ts";
import { ecKey, pemOf, rsaKey, selfSigned } from "./certificate_fixture.ts";
import { writeModule } from "./elf_writer.ts";

const work = mkdtempSync(join(tmpdir(), "kofleet-signing-"));
afterAll(() => rmSync(work, { recursive: true }));

const env = { ...process.env, LC_ALL: "C", PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const isHere = (program: string): boolean => spawnSync(program, ["--help"], { env }).error === undefined;
const ask = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { encoding: "utf8", stdio: "pipe", env, cwd: work });
const openssl = (...args: readonly string[]): string => ask("openssl", ...args);
const write = (name: string, contents: string | Uint8Array): void => writeFileSync(join(work, name), contents);
const read = (name: string): Buffer => readFileSync(join(work, name));

/** Debian's packages linux-kbuild-VERSION have it built. */
const signFile = readdirSync("/usr/lib", { withFileTypes: true })
  .filter(({ name }) => name.startsWith("linux-kbuild-"))
  .map(({ name }) => join("/usr/lib", name, "scripts/sign-file"))
  .find(isHere);

const keys = { rsa: rsaKey(), p256: ecKey("prime256v1"), p384: ecKey("secp384r1") };
const kinds = ["rsa", "p256", "p384"] as const;
const digests: readonly SigningDigest[] = ["sha256", "sha384", "sha512"];
const cases = kinds.flatMap((kind) => digests.map((digest) => [kind, digest] as const));
const module = writeModule();

/** Leaves key.pem, certificate.der, certificate.pem and module.ko, which is not signed, for the oracles. */
function prepare(kind: (typeof kinds)[number], digest: SigningDigest) {
  const certificate = selfSigned(keys[kind], { subjectKeyId: "00112233445566778899aabbccddeeff00112233" });
  const signing = readSigningKey(pemOf(keys[kind]), undefined, certificate, digest);
  write("key.pem", pemOf(keys[kind]));
  write("certificate.der", certificate);
  write("certificate.pem", signing.certificate.toString());
  write("module.ko", module);
  return signing;
}

const signatureOf = (signed: Uint8Array): Uint8Array => signed.subarray(module.length, -40);
const verifying = "cms -verify -binary -inform DER -in signature.der -content module.ko -certfile certificate.pem -noverify -out verified";
const signing = "cms -sign -binary -noattr -nocerts -outform DER -in module.ko -signer certificate.pem -inkey key.pem -out theirs.der -md";

describe.runIf(isHere("openssl"))("as openssl has it", () => {
  test.each(cases)("%s, %s: it verifies what we sign, and not once the module has changed", (kind, digest) => {
    write("signature.der", signatureOf(signModule(module, prepare(kind, digest))));
    openssl(...verifying.split(" "));
    expect(read("verified").equals(module)).toBe(true);
    write("module.ko", module.with(70, 1 ^ (module[70] ?? 0)));
    expect(() => openssl(...verifying.split(" "))).toThrow(/digest failure|verification failure|bad signature/i);
  });

  test.each(digests)("rsa, %s: it makes the same bytes", (digest) => {
    const ours = signModule(module, prepare("rsa", digest));
    openssl(...signing.split(" "), digest);
    expect(read("theirs.der").equals(signatureOf(ours))).toBe(true);
  });

  test("the names of a certificate that it made", () => {
    openssl(
      ..."req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out own.pem -set_serial 0x123456 -subj".split(" "),
      "/O=Example, Ltd/CN=The key, of us",
    );
    const { certificate } = readSigningKey(read("key.pem").toString(), undefined, read("own.pem"));
    const { serial, subjectKeyId, fingerprints, commonName } = keyIdsOf(certificate);
    const shown = openssl(..."x509 -in own.pem -noout -serial -fingerprint -sha1 -ext subjectKeyIdentifier".split(" "));
    expect(shown.replaceAll(/[:\s]/g, "").toLowerCase()).toBe(
      `serial=${serial}sha1fingerprint=${fingerprints.sha1}x509v3subjectkeyidentifier${subjectKeyId}`,
    );
    expect(commonName).toBe("The key, of us");
  });
});

test.runIf(isHere("modinfo")).each(cases)("%s, %s: modinfo shows whose signature it is", (kind, digest) => {
  write("signed.ko", signModule(module, prepare(kind, digest)));
  const shown = ["signer", "sig_key", "sig_hashalgo"].map((field) => ask("modinfo", "-F", field, "signed.ko").trim());
  expect(shown).toEqual(["Our fleet's key", "01:FF", digest]);
});

test.runIf(signFile !== undefined).each(cases)("%s, %s: the kernel's sign-file does the same", (kind, digest) => {
  const signing = prepare(kind, digest);
  ask(signFile ?? "", digest, "key.pem", "certificate.der", "module.ko", "theirs.ko");
  expect(isSignedBy(read("theirs.ko"), signing.certificate)).toBe(true);
  if (kind === "rsa") expect(read("theirs.ko").equals(signModule(module, signing))).toBe(true);
});
