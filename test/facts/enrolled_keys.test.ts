import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { enrolledKeys } from "../../src/facts/enrolled_keys.ts";
import { rsaKey, selfSigned } from "../kernel/certificate_fixture.ts";
import { signatureList } from "../kernel/efi_fixture.ts";
import { answered, captured } from "./fixtures.ts";

const debian = captured("handmade-debian12-enrolled-keys");
const parse = (stdout: string) => enrolledKeys.parse(answered(stdout));
const keyring = "key 1c81c6d9 I------     1 perm 1f0b0000     0     0 keyring   .builtin_trusted_keys: empty";
const hidden = { missing: "/proc/keys does not show the kernel's own keys, as it does to root" };

test("reads the keys that count, by their key identifiers or serial numbers", () => {
  const names = new Map([
    ["14011249c2675ea8e5148542202005810584b25f", "Debian Secure Boot Signer 2022 - linux"],
    ["00b28ddf47aef9cea7", "sforshee"],
    ["00112233445566778899aabbccddeeff00112233", "Example Ltd: kofleet: modules"],
    ["00f1020304", "Fleet: no: ski"],
    ["999999", "For two hours"],
  ]);
  const keys = { known: new Set(names.keys()) };
  expect(parse(debian)).toEqual({ keys, names, pending: { known: new Set() } });
});

test.each<[what: string, lines: readonly string[], keys: object]>([
  ["no key is enrolled", ["list there", keyring], { known: new Set() }],
  ["it was not root who asked", ["list there"], hidden],
  ["another user's key is all that is shown", ["list there", ...debian.split("\n").filter((line) => line.includes("Mallory"))], hidden],
  ["the kernel keeps no keys", [], { missing: "it has no /proc/keys" }],
])("none and unreadable are two answers: %s", (_, lines, keys) => {
  const found = parse([...lines, "end", ""].join("\n"));
  expect(found).toEqual({ keys, names: new Map(), pending: { known: new Set() } });
});

test("what was cut short is refused", () => {
  expect(() => parse(debian.slice(0, -5))).toThrow(FactError);
});

const attributes = "07000000";
const asked = signatureList(selfSigned(rsaKey(), { subjectKeyId: "a0b1" }), selfSigned(rsaKey(), { subjectKeyId: "a0b2" })).toString("hex");
const old = signatureList(selfSigned(rsaKey(), { serial: "02aa" })).toString("hex");

test.each<[what: string, lines: readonly string[], pending: object]>([
  ["its firmware is no EFI", [], { known: new Set() }],
  ["nobody asked", ["efi variables"], { known: new Set() }],
  ["keys wait", ["efi variables", `mok-new ${attributes}${asked}${old}`], { known: new Set(["a0b1", "a0b2", "02aa"]) }],
  ["it has no variables", ["efi firmware"], { missing: "its EFI variables are not mounted" }],
  ["what waits can't be read", ["efi variables", "mok-new "], { missing: "its EFI variable MokNew can't be read" }],
  [
    "what waits is damaged",
    ["efi variables", `mok-new ${attributes}${asked.slice(2)}`],
    { missing: "its EFI variable MokNew can't be read" },
  ],
  ["what waits is no hex", ["efi variables", `mok-new ${attributes}${asked}x`], { missing: "its EFI variable MokNew can't be read" }],
])("which keys wait for somebody at the console: %s", (_, lines, pending) => {
  expect(parse(["list there", keyring, ...lines, "end", ""].join("\n")).pending).toEqual(pending);
});
