import { createHash } from "node:crypto";
import type { Provenance } from "../../src/core/artifact.ts";
import { openArtifactStore } from "../../src/store/artifacts.ts";
import { leftoversIn, removeArtifact, removeLeftover } from "../../src/store/prune.ts";

/** One of several processes at one store: `store_process.ts FOLDER add|prune ROUNDS`. Exits with an error where it ever meets half an artifact. */
const [folder = "", work, rounds = "0"] = process.argv.slice(2);
const store = openArtifactStore(folder, { isRequired: false, environment: process.env });
const soon = new Date(Date.now() + 48 * 60 * 60 * 1000);

const keyOf = (index: number) => ({
  distribution: "debian 12",
  kernel: "6.1.0-37-amd64",
  kernelPackage: "6.1.140-1",
  architecture: "x86_64",
  module: `example${index}`,
  version: "1",
  source: "5".repeat(64),
});

async function add(round: number): Promise<void> {
  const bytes = Buffer.from(`\x7fELF ${process.pid} ${round % 3}`);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const origin: Provenance["origin"] = { kind: "built", builder: `b${process.pid}`, at: "2026-11-22T20:15:30Z", run: `r${round}` };
  const key = keyOf(round % 2);
  await store.add({ ...key, sha256, size: bytes.length, vermagic: "v", srcversion: "s", origin }, bytes, `log ${round % 2}`);
  // It may be pruned already; half of it would throw.
  await store.find(key);
}

async function prune(): Promise<void> {
  for (const files of await store.files()) {
    if (!("home" in files)) throw new Error(files.problem);
    await removeArtifact(files);
    for (const leftover of await leftoversIn(files.home, soon)) if (!leftover.path.endsWith(".tmp")) await removeLeftover(leftover);
  }
}

for (let round = 0; round < Number(rounds); round += 1) await (work === "add" ? add(round) : prune());
