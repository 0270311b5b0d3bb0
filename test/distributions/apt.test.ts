import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Argv } from "../../src/core/answer.ts";
import { aptInstall, aptUpdate } from "../../src/distributions/apt.ts";

/** Runs a command with an apt-get that is this script, and no waiting. */
function run([program, ...args]: Argv, script: string) {
  const folder = mkdtempSync(join(tmpdir(), "kofleet-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const programs = { "apt-get": `cd "${folder}"\n${script}`, sleep: "exit 0" };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8", env: { PATH: `${folder}:${process.env.PATH}` } });
  return { code: status, stdout, stderr };
}

describe("installing", () => {
  const install = (script: string, ...packages: string[]) => run(aptInstall(packages).argv, script);

  test("hides all kernels from apt while it resolves", () => {
    const { code, stdout } = install('cat "$(echo "$2" | cut -d= -f2)"; shift 2; echo "$@"', "dkms", "make");
    expect(code).toBe(0);
    expect(stdout).toContain("Package: linux-image-*\nPin: release *\nPin-Priority: -1\n\n");
    expect(stdout).toContain("--no-install-recommends install dkms make\n");
  });

  test("says why, where a package wants a kernel along", () => {
    const answer = install(
      'case "$*" in *--simulate*) echo "Inst linux-image-6.12-amd64 (1)" ;; *) echo "E: held broken packages" >&2; exit 100 ;; esac',
      "linux-headers-6.12-amd64",
    );
    expect(answer.code).toBe(100);
    expect(answer.stderr).toContain("E: held broken packages\nkofleet: refused: it would bring a kernel along");
  });

  test("leaves another failure to apt's own words", () => {
    expect(install('echo "E: no" >&2; exit 100', "nosuch")).toEqual({ code: 100, stdout: "", stderr: "E: no\n" });
  });

  test("installs a kernel that is named", () => {
    expect(aptInstall(["linux-image-6.1.0-56-amd64"]).argv[0]).toBe("apt-get");
  });
});

describe("fetching the package lists", () => {
  const refresh = (script: string) => run(aptUpdate().argv, script);

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
