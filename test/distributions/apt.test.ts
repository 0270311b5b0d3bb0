import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { FactError } from "../../src/core/error.ts";
import { aptUpdate, plannedKernelsOfApt } from "../../src/distributions/apt.ts";

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const simulation = (stdout: string) => ({ code: 0, stdout, stderr: "" });

describe("kernels that an installation would bring", () => {
  test("none with dkms and headers", () => expect(plannedKernelsOfApt(simulation(fixture("apt-simulate-dkms.txt")))).toEqual([]));

  test("those of a metapackage", () => {
    expect(plannedKernelsOfApt(simulation(fixture("apt-simulate-image.txt")))).toEqual([
      "linux-image-6.1.0-56-cloud-amd64",
      "linux-image-cloud-amd64",
    ]);
  });

  test("also one that would go", () => {
    expect(plannedKernelsOfApt(simulation("Remv linux-image-6.1.0-9-amd64 [6.1.27-1]\n"))).toEqual(["linux-image-6.1.0-9-amd64"]);
  });

  test("unknown where apt can't resolve it", () => {
    const answer = { code: 100, stdout: "Reading package lists...\n", stderr: "E: Unable to locate package nosuchpackage\n" };
    expect(() => plannedKernelsOfApt(answer)).toThrow(FactError);
    expect(() => plannedKernelsOfApt(answer)).toThrow("apt-get cannot resolve this: E: Unable to locate package nosuchpackage");
  });
});

describe("fetching the package lists", () => {
  /** Runs the refresh with an apt-get that is this script, and no waiting. */
  function refresh(script: string) {
    const folder = mkdtempSync(join(tmpdir(), "kofleet-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const programs = { "apt-get": `cd "${folder}"\n${script}`, sleep: "exit 0" };
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const [program, ...args] = aptUpdate().argv;
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env: { PATH: `${folder}:${process.env.PATH}` } });
    return { code: status, stdout, stderr };
  }

  test("passes the flags on", () => {
    expect(refresh('echo "$@"')).toEqual({
      code: 0,
      stdout: "-y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold --no-install-recommends update\n",
      stderr: "",
    });
  });

  const locked = 'echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 42 (apt-get)" >&2; exit 100';

  test("waits, with a word, while another apt holds them", () => {
    const answer = refresh(`echo x >> tries; [ "$(wc -l < tries)" -gt 2 ] && { echo fetched; exit 0; }; ${locked}`);
    const word = "waiting for another apt to release the package lists\n";
    expect(answer).toEqual({ code: 0, stdout: `${word}${word}fetched\n`, stderr: "" });
  });

  test("fails at once for any other reason, and says it", () => {
    const answer = refresh('echo x >> tries; cat tries; echo "E: no network" >&2; exit 100');
    expect(answer).toEqual({ code: 100, stdout: "", stderr: "x\nE: no network\n" });
  });
});
