import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProofError } from "../../src/core/error.ts";
import { integer, objectId, sequenceOf } from "../../src/kernel/der_writer.ts";
import { readModule } from "../../src/kernel/module_info.ts";
import { readSigner, type Signer } from "../../src/kernel/pkcs7.ts";
import { issuedBy, keyIdentifier, pkcs7, sign } from "./certificate_fixture.ts";
import { writeModule } from "./elf_writer.ts";

const module = writeModule();
const signature = pkcs7(issuedBy("Our fleet's key", "01ff"));
const ours: Signer = { signer: "Our fleet's key", keyId: "01ff", digest: "sha256" };

test.each<[what: string, bytes: Uint8Array, signer: Signer]>([
  ["issuer and serial number", signature, ours],
  ["a key identifier", pkcs7(keyIdentifier("abcdef")), { keyId: "abcdef", digest: "sha256" }],
  ["another digest", pkcs7(keyIdentifier("ab"), "608648016503040203"), { keyId: "ab", digest: "sha512" }],
  ["a digest that nobody knows", pkcs7(keyIdentifier("ab"), "2a03"), { keyId: "ab", digest: "2a03" }],
  ["an issuer without a name", pkcs7(sequenceOf(sequenceOf(), integer(7))), { keyId: "07", digest: "sha256" }],
])("reads %s", (_, bytes, signer) => expect(readSigner(bytes)).toEqual(signer));

test("a module that is signed, or not", () => {
  expect(readModule(module)).not.toHaveProperty("signature");
  expect(readModule(sign(module, signature)).signature).toEqual(ours);
});

test("a module that was signed twice has the last signature, which the kernel checks", () => {
  const twice = sign(sign(module, signature), pkcs7(keyIdentifier("02")));
  expect(readModule(twice).signature).toEqual({ keyId: "02", digest: "sha256" });
});

describe("refuses", () => {
  test.each<[what: string, bytes: Uint8Array, message: string]>([
    ["a size beyond the file", sign(module, signature, 2, 1e6), "its signature is damaged: it claims 1000000 bytes"],
    ["a size that no signature has", sign(module, new Uint8Array(0x10001)), "its signature is damaged: it claims 65537 bytes"],
    ["a size into the module", sign(module, signature, 2, signature.length + 1), "behind its end"],
    ["a size of less than there is", sign(module, signature, 2, signature.length - 1), "behind its end"],
    ["the kind of kernels before 4.3", sign(module, signature, 1), "its signature is of a kind that no kernel since 4.3 reads (1)"],
    ["no signature before the trailer", sign(module, new Uint8Array()), "its signature is damaged"],
    ["an empty sequence", sign(module, sequenceOf()), "its signature is damaged: it is no DER"],
    ["other contents", sign(module, sequenceOf(objectId("01"))), "its signature is damaged: it is no PKCS#7 signed data"],
    ["a length of unknown size", sign(module, Uint8Array.of(0x30, 0x80, 0, 0)), "its signature is damaged: it is no DER"],
    ["a truncated file", sign(module, signature).subarray(0, -5), "bytes behind its end at"],
  ])("%s", (_, bytes, message) => {
    expect(() => readModule(bytes)).toThrow(ProofError);
    expect(() => readModule(bytes)).toThrow(message);
  });

  test("a marker that is the whole file", () => {
    expect(() => readModule(Buffer.from("~Module signature appended~\n"))).toThrow(ProofError);
  });

  test("truncations of a signed module, but the one before the signature", () => {
    const signed = sign(module, signature);
    for (let size = 0; size < signed.length; size += 3) {
      if (size !== module.length) expect(() => readModule(signed.subarray(0, size)), `${size} bytes`).toThrow(ProofError);
    }
  });

  test("any damage with a ProofError, if it is seen at all", () => {
    const change = fc.tuple(fc.nat(signature.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
        const damaged = signature.slice();
        for (const [at, value] of changes) damaged[at] = value;
        try {
          expect(readSigner(damaged).keyId).toMatch(/^[0-9a-f]*$/);
        } catch (error) {
          expect(error).toBeInstanceOf(ProofError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
