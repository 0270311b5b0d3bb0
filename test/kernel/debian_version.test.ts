import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareDebianVersions, compareVersionText } from "../../src/kernel/debian_version.ts";
import { expectTotalOrder, recorded, signOf } from "./order.ts";

const answers = recorded(readFileSync(new URL("../fixtures/dpkg-compare-versions.txt", import.meta.url), "utf8"));

test.each(answers)("dpkg says that %s %s %s", (a, sign, b) => {
  expect(signOf(compareDebianVersions(a, b))).toBe(sign);
  expect(signOf(compareDebianVersions(b, a))).toBe(signOf(sign === "<" ? 1 : sign === ">" ? -1 : 0));
});

test("is a total order", () => expectTotalOrder(compareDebianVersions));

test("the recorded chain is sorted", () => {
  const chain = [...answers.map(([a]) => a), answers.at(-1)?.[2] ?? ""];
  expect(chain.toSorted(compareDebianVersions)).toEqual(chain);
});

const askDpkg =
  'while read -r a b; do if dpkg --compare-versions "$a" lt "$b"; then echo "<"; elif dpkg --compare-versions "$a" gt "$b"; then echo ">"; else echo "="; fi; done';

test.runIf(existsSync("/usr/bin/dpkg"))(
  "agrees with the dpkg of this machine",
  () => {
    const part = fc.string({ unit: fc.constantFrom(..."01239aBz.+~"), maxLength: 5 });
    const version = fc
      .tuple(fc.constantFrom("", "0:", "1:"), fc.nat(9), part, fc.option(part))
      .map(([epoch, first, rest, revision]) => `${epoch}${first}${rest}${revision ? `-${revision}` : ""}`);
    const pairs = fc.sample(fc.tuple(version, version), { numRuns: 150, seed: 20_260_101 });
    const signs = execFileSync("sh", ["-c", askDpkg], { input: pairs.map((pair) => `${pair.join(" ")}\n`).join(""), encoding: "utf8" });
    expect(pairs.map(([a, b]) => `${a} ${signOf(compareDebianVersions(a, b))} ${b}`)).toEqual(
      signs
        .trim()
        .split("\n")
        .map((sign, at) => `${pairs[at]?.[0]} ${sign} ${pairs[at]?.[1]}`),
    );
  },
  20_000,
);

test("a text without epoch and revision is ordered as sort -V orders it", () => {
  const kernels = answers.map(([a]) => `/boot/vmlinuz-${a} 2`);
  const sorted = execFileSync("sort", ["-V"], { input: `${kernels.join("\n")}\n`, encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
  expect(kernels.toSorted((a, b) => compareVersionText(a, b) || (a < b ? -1 : 1))).toEqual(sorted.trim().split("\n"));
});

test.each([
  ["1.0:2", "1.0:10"],
  ["", "1"],
  ["x:1", "x:2"],
])("orders what is no version too: %j before %j", (a, b) => expect(compareDebianVersions(a, b)).toBeLessThan(0));

test("numbers beyond a double keep their order", () => {
  expect(compareDebianVersions("1.90071992547409930", "1.90071992547409931")).toBeLessThan(0);
});
