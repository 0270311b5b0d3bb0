import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Manifest } from "../src/config/manifest.ts";
import type { Answer, Argv } from "../src/core/answer.ts";
import type { Provenance } from "../src/core/artifact.ts";
import type { Batch, Connection } from "../src/core/connection.ts";
import { hostProfile } from "../src/facts/profile.ts";
import { unfinishedJobs } from "../src/remote/detached.ts";
import { runPlays } from "../src/runner/run.ts";
import { openArtifactStore } from "../src/store/artifacts.ts";
import { createContents } from "../src/store/contents.ts";
import { openKernelStore } from "../src/store/kernel_store.ts";
import { kernelEvidence } from "../src/tasks/kernel_evidence.ts";
import { moduleFile } from "../src/tasks/module_file.ts";
import { exampleModinfo, writeModule } from "../test/kernel/elf_writer.ts";
import { manifest as exampleManifest } from "../test/rollout/fleet_fixture.ts";
import { entry, play, runFixture } from "../test/runner/run_fixture.ts";
import { atMost } from "./criteria.ts";
import { criteriaTable } from "./tables.ts";

/**
 * What proving costs the control machine: 200 hosts of four kernels, an artifact of 5 MB for each host, evidence of no kernel yet. The hosts are
 * answers from memory, since it is the control machine that is measured: its store, its parsers, its runner.
 */
const hosts = Array.from({ length: 200 }, (_, index) => `host${index}`);
const releases = ["6.1.0-47", "6.1.0-50", "6.1.0-53", "6.1.0-56"].map((number) => `${number}-cloud-amd64`);
const megabytes = 5;
const symbols = Array.from({ length: 10_000 }, (_, index) => `exported_${index}`);
const used = symbols.slice(0, 300);
const releaseOf = (host: string): string => releases[hosts.indexOf(host) % releases.length] ?? "";
const crcOf = (symbol: string, release: string): number => createHash("md5").update(`${release} ${symbol}`).digest().readUInt32LE();
const vermagicOf = (release: string): string => `${release} SMP preempt mod_unload modversions `;

const symvers = (release: string): Buffer =>
  gzipSync(
    [...symbols, "kfree"]
      .map((symbol) => `0x${crcOf(symbol, release).toString(16).padStart(8, "0")}\t${symbol}\tvmlinux\tEXPORT_SYMBOL\t\n`)
      .join(""),
  );

/** As large as that of a distribution's kernel. */
const kallsyms = (): Buffer => {
  const place = (index: number): string => (0xffffffff81000000n + BigInt(index) * 64n).toString(16);
  const lines = Array.from({ length: 130_000 }, (_, index) => `${place(index + 2)} t function_${index}\n`);
  return gzipSync(`${place(0)} T _text\n${place(1)} T kfree\n${lines.join("")}`);
};

/** 300 CRCs, ten distances from kfree, and debugging information, no two alike. */
function moduleOf(host: string): Uint8Array {
  const release = releaseOf(host);
  const pairs = exampleModinfo.map((pair) =>
    pair.startsWith("name=") ? "name=example" : pair.startsWith("vermagic=") ? `vermagic=${vermagicOf(release)}` : pair,
  );
  const relocations = Array.from({ length: 10 }, (_, index) => ({
    symbol: "kfree",
    type: 1,
    addend: (index + 1) * 64,
    in: ".data" as const,
  }));
  const versions = Object.fromEntries([...used, "kfree"].map((symbol) => [symbol, crcOf(symbol, release)]));
  const small = writeModule({}, [...pairs, `author=${host}`], { symbols: ["kfree", ...used], relocations, versions });
  return withDebugInformation(small, createHash("md5").update(host).digest());
}

/** The module with a section of several megabytes behind its others: the section table is at the end and is moved along. */
function withDebugInformation(module: Uint8Array, seed: Uint8Array): Uint8Array {
  const filler = Buffer.alloc(megabytes * 2 ** 20, seed);
  const view = new DataView(module.buffer, module.byteOffset, module.byteLength);
  const table = Number(view.getBigUint64(40, true));
  const bytes = Buffer.concat([module.subarray(0, table), filler, module.subarray(table)]);
  bytes.writeBigUInt64LE(BigInt(table + filler.length), 40);
  return bytes;
}

const ok = (stdout: string): Answer => ({ code: 0, stdout, stderr: "" });
const keyOf = (host: string) => ({
  distribution: "debian 12",
  kernel: releaseOf(host),
  kernelPackage: "6.1.140-1",
  architecture: "x86_64",
  module: "example",
  version: `1.0.${hosts.indexOf(host)}`,
  source: "5".repeat(64),
});

/** Seconds of CPU since that was taken. */
function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Seconds of CPU that one sha256 over as many bytes takes: what such a second is worth on the machine that measures. */
function secondsOfHashing(): number {
  const bytes = moduleOf(hosts[0] ?? "");
  const before = process.cpuUsage();
  for (const _ of hosts) createHash("sha256").update(bytes).digest();
  return secondsSince(before);
}

let gatherings = 0;

/** What a Debian host of this kernel answers. */
function answer(argv: Argv, host: string): Answer {
  const release = releaseOf(host);
  const words = argv.join(" ");
  if (words === hostProfile.command.join(" ")) {
    return ok(
      `boot 11111111-2222-3333-4444-555555555555\nuname ${host} ${release} x86_64\nmodules /usr/lib/modules\nos ID=debian\nos VERSION_ID="12"\nend\n`,
    );
  }
  if (words === unfinishedJobs().join(" ")) return ok("");
  if (words.includes("Module.symvers")) {
    return ok(
      `notes 040000001400000003000000474e5500${createHash("sha1").update(release).digest("hex")}\nkallsyms ffffffff81000000 T _text\nheaders 6.1.140-1\nsymvers /lib/modules/${release}/build/Module.symvers\nmodules yes\nend\n`,
    );
  }
  if (words.includes("modules-load.d")) return ok("end\n");
  return ok(
    [
      "boot-id 11111111-2222-3333-4444-555555555555",
      `running ${release}`,
      "os ID=debian",
      `module /lib/modules/${release}/kernel/x.ko`,
      `vermagic ${vermagicOf(release)}`,
      `boot ${release}`,
      `owner linux-image-${release}: /boot/vmlinuz-${release}`,
      `version linux-image-${release} 6.1.140-1`,
      "df Filesystem 1024-blocks Used Available Capacity Mounted on",
      ...["/boot", "/lib", "/var"].map((place) => `df /dev/vda1 4000000 1000 3999000 1% ${place}`),
      "end\n",
    ].join("\n"),
  );
}

const sent = new Map(releases.map((release) => [release, { crcs: symvers(release), map: kallsyms() }]));

function connectionTo(host: string): Connection {
  const ask = async ({ steps, questions }: Batch) => ({
    steps: steps.map((step) => {
      if (step.kind !== "fetch" || step.into?.kind !== "evidence") return ok("");
      gatherings += 1;
      return { ...ok(""), bytes: sent.get(releaseOf(host))?.[step.into.origin.part] ?? new Uint8Array() };
    }),
    answers: questions.map((argv) => answer(argv, host)),
  });
  return { ask, exec: async (argv) => answer(argv, host), execs: 0, close: async () => undefined };
}

const folder = mkdtempSync(join(tmpdir(), "kofleet-proofs-"));
const manifest: Manifest = { ...exampleManifest, needs: ["system_map"] };
try {
  const artifacts = openArtifactStore(join(folder, "artifacts"), { isRequired: false, environment: {} });
  for (const host of hosts) {
    const bytes = moduleOf(host);
    const provenance: Provenance = {
      ...keyOf(host),
      sha256: createHash("sha256").update(bytes).digest("hex"),
      size: bytes.length,
      vermagic: vermagicOf(releaseOf(host)),
      srcversion: "533BB7E5866E52F63B9ACCB",
      origin: { kind: "built", builder: "bench", at: "2026-11-22T00:00:00.000Z", run: "bench" },
    };
    await artifacts.add(provenance, bytes);
  }
  const control = {
    artifacts,
    kernels: openKernelStore(join(folder, "kernels"), () => new Date()),
    contents: createContents(),
    run: "bench",
    now: () => new Date(),
  };
  const { context, events } = runFixture(Object.fromEntries(hosts.map((host) => [host, { answers: new Map(), effects: new Map() }])), {
    connect: async ({ name }) => connectionTo(name),
    control,
    forks: 50,
  });
  const keys = (vars: Readonly<Record<string, unknown>>): unknown => ({ manifest, keys: [keyOf(String(vars.inventory_hostname))] });
  const withKeys = (task: Parameters<typeof entry>[0]) => {
    const one = entry(task, {});
    return { ...one, args: { ...one.args, isConstant: false, render: keys } };
  };
  const hashing = secondsOfHashing();
  const before = process.cpuUsage();
  const gathered = await runPlays([play([withKeys(kernelEvidence)])], context);
  // Check mode: what is proved is put nowhere, since these hosts have no disks.
  const proved = await runPlays([play([withKeys(moduleFile)])], { ...context, isCheck: true });
  const proving = secondsSince(before);
  const bad = [...gathered.results, ...proved.results].filter(({ verdict }) => verdict !== "ok" && verdict !== "changed");
  if (bad.length > 0)
    throw new Error(`${bad.length} hosts were not proved, such as ${JSON.stringify(bad[0])}: ${JSON.stringify(events.at(-1))}`);
  const planned = proved.results.filter(({ verdict }) => verdict === "changed").length;
  if (planned !== hosts.length) throw new Error(`only ${planned} of ${hosts.length} hosts were proved`);
  console.log(
    `One sha256 over the same bytes took ${hashing.toFixed(1)} s of CPU here before, and ${secondsOfHashing().toFixed(1)} s after.\n`,
  );
  console.log(
    criteriaTable([
      atMost("proving 200 artifacts of 5 MB for 200 hosts of 4 kernels, seconds of CPU", proving, 10),
      atMost("evidence brought here, for each kernel and part", gatherings / releases.length / 2, 1),
    ]),
  );
} finally {
  rmSync(folder, { recursive: true });
}
