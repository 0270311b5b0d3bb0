import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { FactError, ProofError } from "../../src/core/error.ts";
import { type EvidenceOrigin, type HeldEvidence, type KernelIdentity, kernelKeyName } from "../../src/core/kernel_evidence.ts";
import { parseSymvers } from "../../src/kernel/symbol_crcs.ts";
import { parseSymbolMap } from "../../src/kernel/symbol_map.ts";
import { openKernelStore } from "../../src/store/kernel_store.ts";

const key = { distribution: "debian 12", kernel: "6.1.0-37-amd64", kernelPackage: "6.1.140-1", architecture: "x86_64" };
const running: KernelIdentity = "build-id:3a99ee0d1f2c7b";
const origin: EvidenceOrigin = { key, identity: "package", part: "crcs", source: "Module.symvers", host: "web1" };
const mapOrigin: EvidenceOrigin = { ...origin, identity: running, part: "map", source: "/proc/kallsyms" };
const now = new Date("2026-11-22T20:15:30.000Z");

let folder = "";
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "kernels-")), "not", "yet", "there");
});
const open = () => openKernelStore(folder, () => now);
const home = () => join(folder, kernelKeyName(key));
const files = () => readdirSync(home()).toSorted();

const symvers = "0x00000002\tkfree\tvmlinux\tEXPORT_SYMBOL\t\n0xdeadbeef\t_printk\tvmlinux\tEXPORT_SYMBOL\t\n";
const wanted = "0xdeadbeef\t_printk\n0x00000002\tkfree\n";
const keptCrcs = "0xdeadbeef\t_printk\t\n0x00000002\tkfree\t\n";
const systemMap = `0000000000000000 D __per_cpu_start
ffffffff81000000 T _text
ffffffff812f1230 T kfree
ffffffff812f1270 t hidden_one
`;
const kallsyms = `${systemMap.replaceAll("ffffffff81", "ffffffffa1")}ffffffffc0401000 t helper\t[btrfs]\n`;
const keptMap = `0000000000000000 D __per_cpu_start
ffffffff8fd0edd0 T _text
ffffffff90000000 T kfree
ffffffff90000040 t hidden_one
`;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const sent = (text: string) => gzipSync(text);
const partsOf = async ([held]: readonly HeldEvidence[]) => ({ crcs: await held?.crcs?.text(), map: await held?.map?.text() });

test.each<[what: string, from: EvidenceOrigin, text: string, kept: string]>([
  ["CRCs of Module.symvers", origin, symvers, keptCrcs],
  ["CRCs as modprobe prints what modules want", { ...origin, identity: running, source: "the kernel's own modules" }, wanted, keptCrcs],
  ["a System.map", { ...mapOrigin, identity: "package", source: "/boot/System.map-6.1.0-37-amd64" }, systemMap, keptMap],
  ["a map of /proc/kallsyms", mapOrigin, kallsyms, keptMap],
])("gives back %s, in one form", async (_, from, text, kept) => {
  const store = open();
  await store.add(from, sent(text));
  const held = await store.find(key);
  expect(held).toEqual([
    {
      key,
      identity: from.identity,
      [from.part]: {
        source: from.source,
        host: "web1",
        at: now.toISOString(),
        sha256: sha256(kept),
        sentSha256: sha256(text),
        text: expect.any(Function),
      },
    },
  ]);
  expect((await partsOf(held))[from.part]).toBe(kept);
  expect(await open().find(key)).toEqual(
    JSON.parse(JSON.stringify(held), (name, value) => (name === from.part ? expect.objectContaining(value) : value)),
  );
});

test("what it gives back reads as what was sent", async () => {
  const store = open();
  await store.add({ ...origin, identity: running }, sent(symvers));
  await store.add(mapOrigin, sent(kallsyms));
  const { crcs = "", map = "" } = await partsOf(await store.find(key));
  expect(new Map(parseSymvers(crcs))).toEqual(new Map(parseSymvers(symvers)));
  expect(parseSymbolMap(map)).toEqual(parseSymbolMap(systemMap));
});

test("has nothing before anything was added", async () => {
  expect(await open().find(key)).toEqual([]);
});

test.each([
  ["another distribution", { distribution: "ubuntu 24.04" }],
  ["another release", { kernel: "6.1.0-38-amd64" }],
  ["another version of its package", { kernelPackage: "6.1.147-1" }],
  ["another architecture", { architecture: "aarch64" }],
])("does not take the evidence of %s for it", async (_, other) => {
  const store = open();
  await store.add(origin, sent(symvers));
  expect(await store.find({ ...key, ...other })).toEqual([]);
});

test("both parts of one build are one piece of evidence, those of two builds are two", async () => {
  const store = open();
  await store.add({ ...origin, identity: running }, sent(symvers));
  await store.add(mapOrigin, sent(kallsyms));
  await store.add({ ...mapOrigin, identity: "build-id:b0b0", host: "web2" }, sent(systemMap));
  await store.add({ ...mapOrigin, identity: `vmlinuz:${"1".repeat(64)}` }, sent(systemMap));
  await store.add(origin, sent(symvers));
  const held = await store.find(key);
  expect(held.map(({ identity, crcs, map }) => [identity, crcs?.host, map?.host])).toEqual([
    [running, "web1", "web1"],
    ["build-id:b0b0", undefined, "web2"],
    ["package", "web1", undefined],
    [`vmlinuz:${"1".repeat(64)}`, undefined, "web1"],
  ]);
});

test("the later of two of one build and part replaces the first", async () => {
  const store = open();
  await store.add(origin, sent(symvers));
  await store.add({ ...origin, host: "web2", source: "symvers-6.1.0-37-amd64.gz" }, sent(symvers.replace("deadbeef", "0000beef")));
  const held = await store.find(key);
  expect(held).toMatchObject([{ crcs: { host: "web2", source: "symvers-6.1.0-37-amd64.gz" } }]);
  expect((await partsOf(held)).crcs).toContain("0x0000beef\t_printk");
});

test("whoever met the first can still read it", async () => {
  const store = open();
  await store.add(origin, sent(symvers));
  const before = await store.find(key);
  await store.add(origin, sent(symvers.replace("deadbeef", "0000beef")));
  expect((await partsOf(before)).crcs).toBe(keptCrcs);
});

const zeros = systemMap.replaceAll(/^f\w+/gm, "0000000000000000");
const stub = "ffffffff81000000 T ffff_stub\n";

test.each<[what: string, from: EvidenceOrigin, bytes: Uint8Array, message: string]>([
  ["no gzip", origin, Buffer.from(symvers), "what web1 sent of Module.symvers is cut short, or too long"],
  ["nothing at all", origin, new Uint8Array(), "what web1 sent of Module.symvers is cut short, or too long"],
  ["half of it", origin, sent(symvers).subarray(0, -9), "what web1 sent of Module.symvers is cut short, or too long"],
  [
    "more than a kernel has",
    mapOrigin,
    sent("x".repeat(64 * 1024 * 1024 + 1)),
    "what web1 sent of /proc/kallsyms is cut short, or too long",
  ],
  ["empty CRCs", origin, sent(""), "it has no CRCs at all"],
  ["CRCs that all are disputed", origin, sent("0x00000001\tkfree\n0x00000002\tkfree\n"), "it has no CRCs at all"],
  ["a web page for CRCs", origin, sent("<html>\n"), 'line 1 of Module.symvers is "<html>"'],
  ["bytes for CRCs", origin, gzipSync(Buffer.from([0, 255, 10, 128])), "line 1 of Module.symvers is"],
  ["an empty map", mapOrigin, sent(""), "the symbol map has no _text: it is a stub"],
  ["a stub of a map", mapOrigin, sent(stub), "the symbol map has no _text: it is a stub"],
  ["a map without kfree", mapOrigin, sent(systemMap.replace("kfree", "kmalloc")), "the symbol map has no kfree"],
  [
    "a map whose addresses are hidden",
    mapOrigin,
    sent(zeros),
    "the symbol map has zero for _text: kernel.kptr_restrict hides the addresses",
  ],
  ["CRCs for a map", mapOrigin, sent(symvers), "the symbol map has no _text"],
  ["a map for CRCs", origin, sent(systemMap), "line 1 of Module.symvers is"],
])("refuses %s, and keeps nothing of it", async (_, from, bytes, message) => {
  const store = open();
  const adding = store.add(from, bytes);
  await expect(adding).rejects.toThrow(FactError);
  await expect(adding).rejects.toThrow(message);
  expect(await store.find(key)).toEqual([]);
});

test("what is refused does not replace what is kept", async () => {
  const store = open();
  await store.add(mapOrigin, sent(kallsyms));
  const before = files();
  await expect(store.add(mapOrigin, sent(zeros))).rejects.toThrow(FactError);
  expect(files()).toEqual(before);
  expect((await partsOf(await store.find(key))).map).toBe(keptMap);
});

describe("what was damaged is told, with what to do", () => {
  const note = () => join(home(), "package.crcs.json");
  const data = () => join(home(), `${sha256(keptCrcs)}.crcs.gz`);
  const changed = (change: object) => JSON.stringify({ ...JSON.parse(readFileSync(note(), "utf8")), ...change });

  test.each<[what: string, text: () => string]>([
    ["is no JSON", () => "{"],
    ["is empty", () => ""],
    ["lacks a field", () => changed({ sha256: undefined })],
    ["would lead elsewhere", () => changed({ sha256: "../../etc/passwd" })],
    ["is of another schema", () => changed({ schema: 2 })],
    ["has a field too many", () => changed({ extra: 1 })],
    ["is of a build that none is named like", () => changed({ identity: "build-id:../x" })],
  ])("a note that %s", async (_, text) => {
    const store = open();
    await store.add(origin, sent(symvers));
    writeFileSync(note(), text());
    await expect(store.find(key)).rejects.toThrow(ProofError);
    await expect(store.find(key)).rejects.toThrow(
      /package\.crcs\.json is damaged: [\s\S]*\nremove it; that kernel's hosts are asked again$/,
    );
    rmSync(note());
    expect(await store.find(key)).toEqual([]);
  });

  test.each<[what: string, spoil: () => void, message: RegExp]>([
    ["is gone", () => rmSync(data()), /crcs\.gz is missing or damaged: [\s\S]*\nremove its folder; that kernel's hosts are asked again$/],
    ["is empty", () => writeFileSync(data(), ""), /crcs\.gz is missing or damaged: /],
    ["is no gzip", () => writeFileSync(data(), keptCrcs), /crcs\.gz is missing or damaged: /],
    ["was cut short", () => writeFileSync(data(), sent(keptCrcs).subarray(0, -9)), /crcs\.gz is missing or damaged: /],
    ["was exchanged", () => writeFileSync(data(), sent(symvers)), /crcs\.gz is not what it was: remove its folder; that kernel's hosts/],
    ["has grown without end", () => writeFileSync(data(), sent("x".repeat(64 * 1024 * 1024 + 1))), /crcs\.gz is missing or damaged: /],
  ])("data that %s", async (_, spoil, message) => {
    const store = open();
    await store.add(origin, sent(symvers));
    spoil();
    const [held] = await store.find(key);
    const failure = await held?.crcs?.text().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ProofError);
    expect(failure).toMatchObject({ message: expect.stringMatching(message) });
  });

  test("is mended by asking again", async () => {
    const store = open();
    await store.add(origin, sent(symvers));
    writeFileSync(note(), "{");
    writeFileSync(data(), "");
    await store.add(origin, sent(symvers));
    expect((await partsOf(await store.find(key))).crcs).toBe(keptCrcs);
  });
});

test("of several that are added at once a whole one is left, and nobody meets half of one", async () => {
  const stores = [open(), open()];
  const versions = Array.from({ length: 8 }, (_, index) => symvers.replace("deadbeef", `0000000${index}`));
  const isWhole = async () => {
    for (const { crcs } of await open().find(key)) expect(parseSymvers((await crcs?.text()) ?? "").size).toBe(2);
  };
  await Promise.all(versions.flatMap((text, index) => [stores[index % 2]?.add({ ...origin, host: `web${index}` }, sent(text)), isWhole()]));
  const [held] = await open().find(key);
  const text = await held?.crcs?.text();
  expect(text).toContain(`0x0000000${held?.crcs?.host.slice(3)}\t_printk`);
  expect(files().filter((name) => name.endsWith(".tmp"))).toEqual([]);
  expect(files().filter((name) => name.endsWith(".json"))).toEqual(["package.crcs.json"]);
});

test("keeps data packed, by its digest, with a note that says where it is from", async () => {
  await open().add(mapOrigin, sent(kallsyms));
  expect(files()).toEqual([`${sha256(keptMap)}.map.gz`, "build-id-3a99ee0d1f2c7b.map.json"]);
  expect(gunzipSync(readFileSync(join(home(), `${sha256(keptMap)}.map.gz`))).toString()).toBe(keptMap);
  expect(JSON.parse(readFileSync(join(home(), "build-id-3a99ee0d1f2c7b.map.json"), "utf8"))).toEqual({
    schema: 1,
    key,
    identity: running,
    part: "map",
    source: "/proc/kallsyms",
    host: "web1",
    at: "2026-11-22T20:15:30.000Z",
    sha256: sha256(keptMap),
    sentSha256: sha256(kallsyms),
  });
});
