import { copyFileSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { TimedEvent } from "../../src/core/event.ts";
import { Lab } from "../lab/lab.ts";
import { Kofleet, resultsOf } from "./kofleet.ts";

/** The manifest as it is shipped; the source that it names is nobody's to put here. */
const shipped = join(import.meta.dirname, "../../playbooks/modules/dattobd.yaml");
const { version, source } = parse(readFileSync(shipped, "utf8")) as {
  readonly version: string;
  readonly source: { readonly folder: string };
};

let lab: Lab;
let kofleet: Kofleet;
let manifest: string;
let inventory: string;

beforeAll(async () => {
  const given = process.env.DATTOBD;
  if (given === undefined)
    throw new Error(`DATTOBD is not set: it names the folder with the source of dattobd ${version} (docs/dattobd.md)`);
  lab = await Lab.start({ machines: ["plain1", "other"], containers: ["buildbox"] });
  kofleet = new Kofleet();
  manifest = join(kofleet.home, basename(shipped));
  copyFileSync(shipped, manifest);
  symlinkSync(resolve(given), join(kofleet.home, source.folder));
  inventory = await lab.inventory({ vars: { known_hosts: lab.knownHosts } });
});

afterAll(async () => {
  await lab?.stop();
  kofleet?.remove();
});

// Two kernels, neither of which the builder runs.
describe.each(["other", "plain1"])("%s, without a toolchain", (name) => {
  const read = (line: string): Promise<string> => lab.machine(name).read(line);

  test("gets dattobd", async () => {
    expect(await read("command -v gcc make dkms || true")).toBe("");
    const words = ["rollout", "-i", inventory, "-m", manifest, "--yes", "--allow-unsupported", `buildbox,${name}`];
    const { code, lines, stderr } = await kofleet.json<TimedEvent>(words);
    expect(resultsOf(lines).find(({ host }) => host === name)).toMatchObject({ verdict: "changed" });
    expect(code, stderr).toBe(0);
  });

  const answers = async (): Promise<void> => {
    expect(await read("lsmod")).toMatch(/^dattobd /m);
    expect(JSON.parse(await read("cat /proc/datto-info"))).toMatchObject({ version });
  };

  test("has it answer", answers);

  test("still has it after a reboot", async () => {
    await lab.machine(name).reboot();
    await answers();
  });

  test("is reported as having it", async () => {
    const { code, stdout } = await kofleet.run(["status", "-i", inventory, "-m", manifest, name]);
    expect(code, stdout).toBe(0);
  });
});
