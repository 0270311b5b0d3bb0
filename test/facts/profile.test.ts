import { expect, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { familyOf, readOsRelease } from "../../src/facts/os_release.ts";
import { hostProfile } from "../../src/facts/profile.ts";
import { answered, captured } from "./fixtures.ts";

test("reads the profile of a Debian machine", () => {
  expect(hostProfile.parse(answered(captured("profile-debian12")))).toEqual({
    hostname: "plain1",
    kernel: "6.1.0-56-cloud-amd64",
    architecture: "x86_64",
    bootId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    moduleFolder: "/usr/lib/modules",
    distribution: "debian",
    distributionVersion: "12",
    distributionTitle: "Debian GNU/Linux 12 (bookworm)",
    family: "debian",
  });
});

const minimal = "boot 0d1b7b5e-52b2-4f0c-9d0c-0f3f3a9c6a11\nuname odd host 6.1 x86_64\nmodules \nend\n";

test("makes do without os-release and /lib/modules, and with a blank in the host's name", () => {
  expect(hostProfile.parse(answered(minimal))).toMatchObject({
    hostname: "odd host",
    kernel: "6.1",
    architecture: "x86_64",
    distribution: "linux",
    distributionVersion: "",
    distributionTitle: "linux",
    family: "other",
    moduleFolder: "/lib/modules",
  });
});

test.each([
  ["a boot id that is none", minimal.replace("0d1b7b5e", "0d1b7b5?")],
  ["a uname with too little", minimal.replace("odd host 6.1", "")],
  ["no uname", minimal.replace(/uname.*\n/, "")],
])("refuses %s", (_, stdout) => {
  expect(() => hostProfile.parse(answered(stdout))).toThrow(FactError);
});

test.each([
  ["ID=debian", "debian"],
  ["ID=ubuntu\nID_LIKE=debian", "debian"],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"', "debian"],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"', "redhat"],
  ['ID="rhel"\nID_LIKE="fedora"', "redhat"],
  ['ID="almalinux"\nID_LIKE="rhel centos fedora"', "redhat"],
  ["ID=fedora", "redhat"],
  ['ID="sles"\nID_LIKE="suse"', "suse"],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"', "suse"],
  ["ID=arch", "other"],
  ["", "other"],
])("knows the family of %j", (text, family) => {
  expect(familyOf(readOsRelease(text.split("\n")))).toBe(family);
});

test("reads os-release as os-release(5) has it", () => {
  const text =
    '# a comment\n\nNAME="a \\"b\\" \\$c"\nID=\'single \\ quoted\'\nBARE=word\r\n not an assignment\nlower=no\nEMPTY=\nTWICE=1\nTWICE=2';
  expect(Object.fromEntries(readOsRelease(text.split("\n")))).toEqual({
    NAME: 'a "b" $c',
    ID: "single \\ quoted",
    BARE: "word",
    EMPTY: "",
    TWICE: "2",
  });
});
