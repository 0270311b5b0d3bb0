import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, FactError } from "../../src/core/error.ts";
import { compareReleases, parseRelease, satisfiesKernel } from "../../src/kernel/release.ts";

test.each([
  ["6.8.0-62-generic", 6, 8, 0, "generic"],
  ["6.1.0-37-cloud-amd64", 6, 1, 0, "cloud-amd64"],
  ["6.12.43+deb12-cloud-amd64", 6, 12, 43, "cloud-amd64"],
  ["6.12-rc6-amd64", 6, 12, 0, "amd64"],
  ["5.10.0-0.deb10.16-amd64", 5, 10, 0, "amd64"],
  ["5.15.167.4-microsoft-standard-WSL2", 5, 15, 167, "microsoft-standard-WSL2"],
  ["6.5.11-7-pve", 6, 5, 11, "pve"],
  ["5.14.0-427.13.1.el9_4.x86_64", 5, 14, 0, undefined],
  ["4.18.0-553.el8_10.aarch64", 4, 18, 0, undefined],
  ["5.14.0-427.13.1.el9_4.x86_64+debug", 5, 14, 0, "debug"],
  ["6.4.0-150600.23.47-default", 6, 4, 0, "default"],
  ["6.13.0-rc1", 6, 13, 0, undefined],
  ["6.9.1", 6, 9, 1, undefined],
  ["6.9", 6, 9, 0, undefined],
])("reads %s", (text, major, minor, patch, flavour) => {
  expect(parseRelease(text)).toEqual({ text, major, minor, patch, ...(flavour !== undefined && { flavour }) });
});

test.each(["", "6", "generic", "6.8.0-62-generic\n", "6.8.0 62", "-u", "../6.8.0", "6.8.0/x", "6.8x", `6.8.${"0-".repeat(40)}`])(
  "refuses %j",
  (text) => expect(() => parseRelease(text)).toThrow(FactError),
);

test("never returns garbage for garbage", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."0159.-+~_aZ \n/") })), (text) => {
      try {
        const { major, minor, patch } = parseRelease(text);
        expect([major, minor, patch].every(Number.isSafeInteger)).toBe(true);
        expect(text).toMatch(/^\d+\.\d+[\w.+~-]*$/);
      } catch (error) {
        expect(error).toBeInstanceOf(FactError);
      }
    }),
  );
});

describe("orders releases", () => {
  test.each([
    ["debian", "6.8.0-62-generic", "6.8.0-153-generic"],
    ["debian", "6.1.0-9-amd64", "6.1.0-37-amd64"],
    ["debian", "6.1.0-37-cloud-amd64", "6.12.43+deb12-cloud-amd64"],
    ["redhat", "4.18.0-553.el8_10.x86_64", "4.18.0-553.5.1.el8_10.x86_64"],
    ["redhat", "5.14.0-70.13.1.el9_0.x86_64", "5.14.0-427.el9.x86_64"],
    ["suse", "6.4.0-150600.21-default", "6.4.0-150600.23.47-default"],
    ["other", "6.9.1", "6.10.0"],
  ] as const)("of the family %s: %s before %s", (family, a, b) => {
    expect(compareReleases(a, b, family)).toBeLessThan(0);
    expect(compareReleases(b, a, family)).toBeGreaterThan(0);
  });
});

describe("kernel ranges", () => {
  test.each([
    ["6.8.0-62-generic", ">=5.15 <=6.8", true],
    ["6.8.12-4-pve", ">=5.15 <=6.8", true],
    ["6.9.1", ">=5.15 <=6.8", false],
    ["5.15.0-153-generic", ">=5.15 <=6.8", true],
    ["5.14.0-427.el9_4.x86_64", ">=5.15 <=6.8", false],
    ["5.14.0-427.el9_4.x86_64", "5.14", true],
    ["5.4.0-216-generic", ">=5.15 <=6.8", false],
    ["6.12.43+deb12-amd64", ">6.8", true],
    ["6.8.1", ">6.8", false],
    ["6.13.0-rc1", ">=6.13", true],
    ["6.1.0-37-amd64", "5.10 - 6.1", true],
    ["6.2.0", "5.10 - 6.1", false],
    ["4.18.0-553.el8_10.x86_64", "4.18 || 5.14", true],
  ])("%s against %s: %s", (release, range, answer) => expect(satisfiesKernel(release, range)).toBe(answer));

  test.each(["", " ", "newest", ">=5.15,<=6.8", "<=6.8.0-62", ">=5.15 <=6.8-generic"])("refuses the range %j", (range) => {
    expect(() => satisfiesKernel("6.8.0-62-generic", range)).toThrow(ConfigError);
  });

  test("says what to write instead", () => {
    expect(() => satisfiesKernel("6.8.0", "new")).toThrow('"new" is not a range of kernel versions: write for example ">=5.15 <=6.8"');
  });
});
