import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TimedEvent } from "../../src/core/event.ts";
import type { JudgedProof } from "../../src/kernel/proofs.ts";
import type { StatusRow } from "../../src/report/status_table.ts";
import { Lab } from "../lab/lab.ts";
import type { Machine } from "../lab/machine.ts";
import { flipped, truncatedZst, withName, withVermagic, withWrongCrc } from "./damaged_modules.ts";
import { Kofleet, resultsOf } from "./kofleet.ts";

/** A module that reaches symbols by their distance from kfree, as dattobd does, and what is refused of it. */
const manifest = join(import.meta.dirname, "../lab/modules/kofleet_offset.yaml");

/** Every kind of damage costs a plan of both hosts: the lab's own run has the first and the simplest of them, `npm run test:proofs` has all. */
const exhaustive = test.runIf(process.env.KOFLEET_PROOFS === "all");

let lab: Lab;
let kofleet: Kofleet;
let inventory: string;
const all = (): Machine[] => Object.values(lab.machines);

beforeAll(async () => {
  lab = await Lab.start({ machines: ["plain1", "other"], containers: ["buildbox"] });
  kofleet = new Kofleet();
  inventory = await lab.inventory({ vars: { known_hosts: lab.knownHosts } });
});

afterAll(async () => {
  await lab?.stop();
  kofleet?.remove();
});

const rollout = (...args: string[]) => kofleet.json<TimedEvent>(["rollout", "-i", inventory, "-m", manifest, "--yes", ...args]);
const stepsOf = (events: readonly TimedEvent[]): string[] =>
  events.flatMap((event) => (event.type === "step-finished" ? [`${event.host}: ${event.step}`] : []));

const store = (): string => join(kofleet.home, ".local/share/kofleet/artifacts");

/** The folder of the stored artifact for a kernel. */
function artifactFolder(kernel: string): string {
  const [name] = readdirSync(store()).filter((each) => each.includes(`@${kernel}@`));
  return join(store(), name ?? "none");
}

const provenanceOf = (kernel: string) => JSON.parse(readFileSync(join(artifactFolder(kernel), "provenance.json"), "utf8"));
const moduleFile = (kernel: string): string => join(artifactFolder(kernel), `${provenanceOf(kernel).sha256}.ko`);
const moduleOf = (kernel: string): Uint8Array => readFileSync(moduleFile(kernel));

/** Puts another module into the store in an artifact's place, with a provenance that says so. */
function plant(kernel: string, module: Uint8Array): void {
  const folder = artifactFolder(kernel);
  const sha256 = createHash("sha256").update(module).digest("hex");
  writeFileSync(join(folder, `${sha256}.ko`), module);
  writeFileSync(join(folder, "provenance.json"), JSON.stringify({ ...provenanceOf(kernel), sha256, size: module.length }));
}

test("built with the map of the kernel that it is for, on a builder that runs neither, it reaches what it should on every host", async () => {
  const { code, lines, stderr } = await rollout();
  expect(
    resultsOf(lines).map(({ host, verdict, reason }) => [host, verdict, reason]),
    stderr,
  ).toEqual(["plain1", "other", "buildbox"].map((host) => [host, "changed", undefined]));
  expect(code).toBe(0);
  for (const machine of all()) {
    const said = await machine.read("cat /proc/kofleet_offset");
    expect(said).toContain((await machine.read("cat /proc/version")).slice(0, 60));
    expect(said).toContain(`vm_commit_limit ${await machine.read("awk '$1 == \"CommitLimit:\" { print $2 }' /proc/meminfo")} kB`);
  }
});

test("each kernel was asked for its map once, and once for its CRCs, by whoever came first", async () => {
  const folder = join(kofleet.home, ".local/share/kofleet/kernels");
  const kernels = readdirSync(folder);
  expect(kernels).toHaveLength(2);
  for (const kernel of kernels) {
    const notes = readdirSync(join(folder, kernel)).filter((name) => name.endsWith(".json"));
    expect(notes.map((name) => name.replace(/^.*?\./, "")).sort()).toEqual(["crcs.json", "map.json"]);
  }
});

test("the provenance names the map, and the journal keeps the proofs", async () => {
  for (const machine of [lab.machine("plain1"), lab.machine("other")]) {
    const kernel = await machine.read("uname -r");
    const map = await lab.container("buildbox").read(`sha256sum < /usr/lib/debug/boot/System.map-${kernel}`);
    const { origin } = provenanceOf(kernel);
    expect(`${origin.symbolMap}  -`).toBe(map);
    expect(origin).toMatchObject({
      compiler: expect.stringMatching(/^GCC: /),
      kernelCompiler: expect.stringMatching(/\bgcc-\d+\b/),
      flags: {},
    });
  }
  const runs = join(kofleet.home, ".local/state/kofleet/runs");
  const events = readFileSync(join(runs, readdirSync(runs).sort().at(-1) ?? "", "events.jsonl"), "utf8");
  const proofs = events
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TimedEvent)
    .flatMap((event) => {
      if (event.type !== "task-finished" || event.host !== "other") return [];
      return (event.outcome.result as { proofs?: readonly { proofs: readonly JudgedProof[] }[] } | undefined)?.proofs ?? [];
    })
    .flatMap((one) => one.proofs);
  expect(proofs.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual(
    ["sha256", "machine", "name", "vermagic", "crcs", "signature", "offsets"].map((name) => `${name} holds`),
  );
});

test("verify proves what the store has against what is kept of its kernels", async () => {
  const { code, stdout } = await kofleet.run(["artifacts", "verify"]);
  expect(stdout).toMatch(/holds {4}crcs +all \d+ CRCs are those of Module\.symvers/);
  expect(stdout).toMatch(/holds {4}offsets +it reaches .*linux_banner/);
  expect(code).toBe(0);
});

exhaustive("status sees what a vendor's own parts lack in the initramfs, and the hook that takes the module out of dkms", async () => {
  const machine = lab.machine("plain1");
  const hook = "/etc/kernel/postinst.d/50-vendor";
  await machine.read(`echo 'dkms remove -m kofleet_offset -v 1.0.0 --all' > ${hook}`);
  const copy = join(kofleet.home, "kofleet_offset.yaml");
  const text = readFileSync(manifest, "utf8").replace(/^( +(?:folder|archive): )/m, `$1${dirname(manifest)}/`);
  writeFileSync(copy, `${text}\nboot_files: { /usr/bin/sort: kofleet_sort, /bin/sh: sh, /no/such/file: kofleet_none }\n`);
  const { lines } = await kofleet.json<StatusRow>(["status", "-i", inventory, "-m", copy, "plain1"]);
  await machine.read(`rm ${hook}`);
  const kernel = await machine.read("uname -r");
  const reason = `/usr/bin/sort is not in the initramfs of ${kernel}; ${hook} takes it out of dkms whenever a kernel is installed`;
  expect(lines).toMatchObject([{ verdict: "failed", reason }]);
});

describe("is refused by name on every host before anything is written", () => {
  let good: ReadonlyMap<string, { readonly provenance: string; readonly module: Uint8Array }>;
  const copies = () => [lab.machine("plain1"), lab.machine("other")];
  const kernels = () => Promise.all(copies().map((machine) => machine.read("uname -r")));

  beforeAll(async () => {
    const entries = (await kernels()).map(
      (kernel) =>
        [kernel, { provenance: readFileSync(join(artifactFolder(kernel), "provenance.json"), "utf8"), module: moduleOf(kernel) }] as const,
    );
    good = new Map(entries);
    for (const machine of copies())
      await machine.read("file=$(modinfo -n kofleet_offset) && modprobe -r kofleet_offset && rm $file && depmod");
  });

  const restore = (): void => {
    for (const [kernel, { provenance }] of good) writeFileSync(join(artifactFolder(kernel), "provenance.json"), provenance);
  };

  /** Has every copying host refuse what `damage` makes of its artifact. */
  async function refused(
    proof: string,
    damage: (module: Uint8Array, kernel: string) => Uint8Array | Promise<Uint8Array>,
  ): Promise<string[]> {
    for (const [kernel, { module }] of good) plant(kernel, await damage(module, kernel));
    const { code, lines, stderr } = await rollout("plain1,other");
    restore();
    const results = resultsOf(lines);
    expect(
      results.map(({ host, verdict }) => [host, verdict]),
      stderr,
    ).toEqual([
      ["plain1", "blocked"],
      ["other", "blocked"],
    ]);
    expect(results.map(({ reason = "" }) => reason)).toEqual([0, 1].map(() => expect.stringMatching(new RegExp(`\\b${proof}\\b`))));
    expect(stepsOf(lines)).toEqual([]);
    expect(code).toBe(2);
    return results.map(({ reason = "" }) => reason);
  }

  test("what was built with a stub for a symbol map", async () => {
    const builder = lab.container("buildbox");
    const stub = async (_: Uint8Array, kernel: string): Promise<Uint8Array> => {
      const map = `/lib/modules/${kernel}/System.map`;
      const build = `dkms build --dkmstree /root/stub --sourcetree /usr/src -m kofleet_offset -v 1.0.0 -k ${kernel}`;
      await builder.read(
        `mkdir -p /root/stub && echo 'ffffffffffffffff B __per_cpu_start' > ${map} && ${build} >&2; code=$?; rm -f ${map}; exit $code`,
      );
      const file = `/root/stub/kofleet_offset/1.0.0/${kernel}/x86_64/module/kofleet_offset.ko`;
      return Buffer.from(await builder.read(`base64 ${file}`), "base64");
    };
    const reasons = await refused("offsets", stub);
    for (const reason of reasons) expect(reason).toContain("built without a symbol map");
  });

  exhaustive("what was built for the symbols of another kernel", async () => {
    const [a = "", b = ""] = await kernels();
    const others = new Map([
      [a, b],
      [b, a],
    ]);
    const vermagic = (kernel: string): string => provenanceOf(kernel).vermagic;
    await refused("offsets|crcs", (_, kernel) =>
      withVermagic(good.get(others.get(kernel) ?? "")?.module ?? new Uint8Array(), vermagic(kernel)),
    );
  });

  exhaustive("a wrong CRC", () => refused("crcs", (module) => withWrongCrc(module, "module_layout")));
  exhaustive("a wrong vermagic", () => refused("vermagic", (module, kernel) => withVermagic(module, `${kernel} SMP mod_unload `)));
  exhaustive("another module's name", () => refused("name", (module) => withName(module, "kofleet_other")));

  test("a flipped byte", async () => {
    const files = [...good].map(([kernel, { module }]) => ({ path: moduleFile(kernel), module }));
    for (const { path, module } of files) writeFileSync(path, flipped(module, 0));
    const { code, lines } = await rollout("plain1,other");
    for (const { path, module } of files) writeFileSync(path, module);
    for (const { verdict, reason } of resultsOf(lines)) {
      expect([verdict, reason]).toEqual(["blocked", expect.stringContaining("sha256")]);
    }
    expect(code).toBe(2);
  });

  exhaustive(
    "another build, which modprobe would take before what was proved and put in place: it is left alone, and nothing is loaded",
    async () => {
      const machine = lab.machine("plain1");
      const kernel = await machine.read("uname -r");
      const [folder, settings] = [`/lib/modules/${kernel}/extra`, "/etc/depmod.d/extra.conf"];
      const rival = Buffer.from(withWrongCrc(good.get(kernel)?.module ?? new Uint8Array(), "module_layout")).toString("base64");
      await machine.read(`mkdir -p ${folder} /etc/depmod.d && echo search extra updates built-in > ${settings}`);
      expect(await machine.ssh(`base64 -d > ${folder}/kofleet_offset.ko`, { input: rival })).toMatchObject({ code: 0, stderr: "" });
      const { code, lines } = await rollout("plain1");
      const status = await kofleet.json<unknown>(["status", "-i", inventory, "-m", manifest, "plain1"]);
      expect(await machine.read("lsmod | grep -c kofleet_offset || true")).toBe("0");
      await machine.read(`rm -r ${folder} ${settings} && depmod && rm "$(modinfo -n kofleet_offset)" && depmod`);
      expect(resultsOf(lines)).toMatchObject([
        {
          verdict: "blocked",
          reason: expect.stringContaining(`${folder}/kofleet_offset.ko is another build of kofleet_offset than /lib/modules/`),
        },
      ]);
      expect(code).toBe(2);
      expect(JSON.stringify(status.lines)).toContain(`"duplicates":[{"kernel":"${kernel}","taken":"${folder}/kofleet_offset.ko"`);
    },
  );

  exhaustive("a truncated .zst, which does not even come into the store", async () => {
    const [kernel = ""] = await kernels();
    const folder = join(kofleet.home, "truncated");
    mkdirSync(folder);
    writeFileSync(join(folder, "kofleet_offset.ko.zst"), truncatedZst(good.get(kernel)?.module ?? new Uint8Array()));
    const file = join(kofleet.home, `kofleet_offset-${kernel}-1.0.0.tar.gz`);
    execFileSync("tar", ["-czf", file, "-C", folder, "kofleet_offset.ko.zst"]);
    const { distribution, kernelPackage, source } = provenanceOf(kernel);
    const how = ["--distribution", distribution, "--kernel-package", kernelPackage, "--source", source, "--force"];
    const { code, stderr } = await kofleet.run(["artifacts", "import", file, ...how]);
    expect(stderr).toMatch(/its compression \(zst\) is damaged/);
    expect(code).not.toBe(0);
  });

  exhaustive("an unsigned module, on hosts whose kernels load signed ones only", async () => {
    for (const machine of copies()) await machine.read("echo 1 > /sys/module/module/parameters/sig_enforce");
    const { code, lines } = await rollout("plain1,other");
    for (const { verdict, reason } of resultsOf(lines)) {
      expect([verdict, reason]).toEqual(["blocked", expect.stringMatching(/signed/)]);
    }
    expect(stepsOf(lines)).toEqual([]);
    expect(code).toBe(2);
  });

  test("nothing of all that is on any host", async () => {
    for (const machine of copies()) {
      expect(await machine.read("find /lib/modules/ -name 'kofleet_offset*'")).toBe("");
      expect(await machine.read("lsmod | grep -c kofleet_offset || true")).toBe("0");
    }
  });
});
