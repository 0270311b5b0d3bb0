import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ArtifactStore, Control } from "../../src/core/input.ts";
import { type KernelIdentity, kernelKeyName, kernelKeyOf } from "../../src/core/kernel_evidence.ts";
import type { KernelSources } from "../../src/facts/kernel_sources.ts";
import { createContents } from "../../src/store/contents.ts";
import { openKernelStore } from "../../src/store/kernel_store.ts";
import type { KeptMap } from "../../src/tasks/kept_evidence.ts";
import { symbolMap } from "../../src/tasks/symbol_map.ts";
import { key, manifest, next, redhatHost, running, sourcesFor, suseHost } from "./kernel_fixture.ts";
import { debianHost, planOf } from "./planning.ts";
import { predicted, visible } from "./prediction.ts";

const needy = { ...manifest, needs: ["system_map" as const] };
const args = { manifest: needy, keys: [key] };
const folder = "/usr/lib/debug/boot";
const path = `${folder}/System.map-${running}`;
const kept = "f".repeat(64);
const sent = "d".repeat(64);
const sha256 = "e".repeat(64);

const mapFor = (kept: string | undefined, kernel = running): Readonly<Record<`map ${string}`, KeptMap | undefined>> => ({
  [`map ${kernel}`]: kept === undefined ? undefined : { sha256: kept, sentSha256: sent },
});
const found = (of: string, isOwned = false, at = path): KernelSources["map"] => ({ path: at, sha256: of, isOwned });
const facts = (map: KernelSources["map"]) => sourcesFor({ map });

const make = { kind: "run", title: `make ${folder}`, argv: ["mkdir", "-p", "--", folder], undo: { restore: [] } };
const put = {
  kind: "write",
  title: `put the symbol map of ${running} in place`,
  path,
  sha256: kept,
  mode: 0o644,
  undo: { restore: [path] },
};
const turn = `map ${kernelKeyName(key)}`;
const take = (name: string, inPackage: string) => ({
  kind: "script",
  title: `take the symbol map of ${running} from the package ${name}`,
  script: expect.any(String),
  args: [path, expect.any(String), name, inPackage],
  detached: true,
  turn,
  undo: { restore: [path] },
});
const keep = (source: string, host = "web1") => ({
  kind: "fetch",
  title: `bring the symbol map of ${running} here, from ${source}`,
  path,
  read: ["gzip", "-cf", "--", path],
  limit: 64 * 2 ** 20,
  into: { kind: "evidence", origin: { key: kernelKeyOf(key), identity: "package", part: "map", source, host } },
  turn,
  undo: { restore: [] },
});
const debugPackage = `linux-image-${running}-dbg=6.1.140-1`;
const debug = take(debugPackage, `.${path}`);

test.each<[what: string, given: ReturnType<typeof facts>, kept: string | undefined, steps: readonly object[]]>([
  ["the one that is kept, over none or a stub", facts(undefined), kept, [make, put]],
  ["the one that is kept over another", facts(found(sha256)), kept, [make, put]],
  ["the distribution's, over none or a stub, where none is kept", facts(undefined), undefined, [make, debug, keep(debugPackage)]],
  ["the distribution's over what may be another build's", facts(found(sha256)), undefined, [make, debug, keep(debugPackage)]],
])("puts in place %s", (_, given, kept, steps) => {
  expect(visible(planOf(symbolMap, args, given, mapFor(kept)))).toEqual({ steps, stop: undefined });
  const after = predicted(symbolMap, args, given, mapFor(kept));
  const placed = kept ?? sent;
  const there = { ...after.facts, ...sourcesFor({ map: found(placed) }) };
  expect(planOf(symbolMap, args, there, mapFor(kept ?? sha256))).toEqual({ steps: [], stop: undefined });
});

test.each<[what: string, given: ReturnType<typeof facts>, kept: string | undefined]>([
  ["the one that is kept lies there", facts(found(kept)), kept],
  ["the one lies there that the kept one was made from", facts(found(sent)), kept],
  ["a package brought one", facts(found(sha256, true)), undefined],
  ["a package brought one, in other words than the kept one", facts(found(sha256, true)), kept],
  ["the host has its kernel's own elsewhere", facts(found(sha256, true, `/boot/System.map-${running}`)), undefined],
  ["the host has its kernel's own elsewhere, whatever is kept", facts(found(sha256, true, `/boot/System.map-${running}`)), kept],
])("plans nothing once %s", (_, given, kept) => {
  expect(planOf(symbolMap, args, given, mapFor(kept))).toEqual({ steps: [], stop: undefined });
});

test("knows in check mode what lies there, as far as it knows that itself", () => {
  const name = `sources ${running}` as const;
  expect(predicted(symbolMap, args, facts(undefined), mapFor(kept)).facts[name]?.map).toEqual(found(kept));
  expect(predicted(symbolMap, args, facts(undefined), mapFor(undefined)).facts[name]).toEqual(expect.any(Symbol));
});

test.each([
  [
    "ubuntu",
    `linux-modules-${running}=6.1.140-1`,
    { ...debianHost, distribution: "ubuntu" },
    take(`linux-modules-${running}=6.1.140-1`, `./boot/System.map-${running}`),
  ],
  ["rocky", `kernel-core-${running}`, redhatHost, take(`kernel-core-${running}`, `./lib/modules/${running}/System.map`)],
])("knows the package of %s", (_, name, host, step) => {
  expect(visible(planOf(symbolMap, args, facts(undefined), mapFor(undefined), host))).toEqual({
    steps: [make, step, keep(name, host.name)],
    stop: undefined,
  });
});

test("puts it where the manifest says, for each kernel by itself", () => {
  const given = { manifest: { ...needy, systemMap: "/boot/maps/{{kernel}}/System.map" }, keys: [key, { ...key, kernel: next }] };
  const known = {
    ...facts(found(sha256, true, `/boot/System.map-${running}`)),
    ...sourcesFor({}, next),
  };
  expect(visible(planOf(symbolMap, given, known, { ...mapFor(kept), ...mapFor(kept, next) }))).toMatchObject({
    // Where the source looks is decided by the manifest: one in a usual place does not do.
    steps: [
      { argv: ["mkdir", "-p", "--", `/boot/maps/${running}`] },
      { path: `/boot/maps/${running}/System.map` },
      { argv: ["mkdir", "-p", "--", `/boot/maps/${next}`] },
      { title: `put the symbol map of ${next} in place`, path: `/boot/maps/${next}/System.map` },
    ],
  });
});

test("refuses a family that it does not know", () => {
  expect(planOf(symbolMap, args, facts(undefined), mapFor(kept), suseHost)).toMatchObject({ steps: [], stop: { verdict: "failed" } });
});

const scratch = (): string => {
  const found = mkdtempSync(join(tmpdir(), "kofleet-map-"));
  onTestFinished(() => rmSync(found, { recursive: true }));
  return found;
};
const map = "ffffffff81000000 T _text\nffffffff812f1230 T kfree\n";

describe("what is kept", () => {
  const ask = async (...identities: readonly KernelIdentity[]) => {
    const kernels = openKernelStore(scratch(), () => new Date(0));
    for (const identity of identities)
      await kernels.add({ key: kernelKeyOf(key), identity, part: "map", source: "x", host: "web1" }, gzipSync(map));
    const control: Control = { kernels, contents: createContents(), artifacts: {} as ArtifactStore, run: "run-1", now: () => new Date(0) };
    const input = symbolMap.inputs?.(symbolMap.args.parse(args), debianHost)[`map ${running}`];
    return { digest: (await input?.read(control))?.sha256, contents: control.contents };
  };

  test("is nothing before anything was brought", async () => {
    expect((await ask()).digest).toBeUndefined();
  });

  test.each<KernelIdentity>(["package", "build-id:aa"])("is among the run's contents, as a System.map: %s", async (identity) => {
    const { digest = "", contents } = await ask(identity);
    expect(Buffer.from(await contents.open(digest)).toString()).toBe("ffffffff8fd0edd0 T _text\nffffffff90000000 T kfree\n");
  });
});

describe("on a host of our own", () => {
  const [, script] = planOf(symbolMap, args, facts(undefined), mapFor(undefined)).steps;
  /** Takes the map from what `print` prints, into a folder of our own. */
  function run(place: string, print: string, words: readonly string[] = [], path = process.env.PATH ?? "") {
    if (script?.kind !== "script") throw new Error("not a script");
    const { status, stderr } = spawnSync("sh", ["-c", script.script, "sh", place, print, ...words], {
      encoding: "utf8",
      env: { ...process.env, PATH: path },
    });
    return { status, stderr };
  }

  test("puts in place what the package holds, readable for all, and cleans up", () => {
    const place = join(scratch(), "System.map");
    const work = `${place}.work`;
    expect(run(place, 'pwd > "$2"; touch downloaded; printf %s "$1"', [map, work])).toEqual({ status: 0, stderr: "" });
    expect(readFileSync(place, "utf8")).toBe(map);
    expect(statSync(place).mode & 0o777).toBe(0o644);
    expect(readFileSync(work, "utf8")).toMatch(/^\/var\/tmp\/kofleet\.\w+\n$/);
    expect(existsSync(readFileSync(work, "utf8").trim())).toBe(false);
  });

  test.each([
    ["could not be had", "echo 'E: Unable to locate package' >&2; exit 100", "the package could not be had, or holds no symbol map"],
    ["holds a stub", "echo 'ffffffff81000000 B see the -dbg package'", "what the package holds is no symbol map"],
    ["holds a map without addresses", "echo '0000000000000000 T kfree'", "what the package holds is no symbol map"],
    ["holds nothing", "true", "what the package holds is no symbol map"],
  ])("leaves what lay there where the package %s, and says so", (_, print, message) => {
    const place = join(scratch(), "System.map");
    writeFileSync(place, "old");
    const { status, stderr } = run(place, print);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(new RegExp(`kofleet: ${message}\\n$`));
    expect(readFileSync(place, "utf8")).toBe("old");
    expect(readdirSync(dirname(place))).toEqual(["System.map"]);
  });

  test.skipIf(spawnSync("dpkg-deb", ["--version"]).status !== 0)("takes it out of a package of Debian", () => {
    const home = scratch();
    for (const [name, text] of [
      [
        "deb/DEBIAN/control",
        `Package: linux-image-${running}-dbg\nVersion: 6.1.140-1\nArchitecture: amd64\nMaintainer: x <x@x>\nDescription: x\n`,
      ],
      [`deb${path}`, map],
      [
        "bin/apt-get",
        `#!/bin/sh\n[ "$*" = "-q download linux-image-${running}-dbg=6.1.140-1" ] && cp ${home}/x.deb ./x_6.1.140-1_amd64.deb\n`,
      ],
    ] as const) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text, { mode: 0o755 });
    }
    expect(spawnSync("dpkg-deb", ["--build", "-Znone", join(home, "deb"), join(home, "x.deb")]).status).toBe(0);
    if (script?.kind !== "script") throw new Error("not a script");
    const [, print = "", ...words] = script.args;
    const place = join(home, "System.map");
    expect(run(place, print, words, `${join(home, "bin")}:${process.env.PATH}`)).toEqual({ status: 0, stderr: "" });
    expect(readFileSync(place, "utf8")).toBe(map);
    expect(run(place, print, [words[0] ?? "", "./not/there"], `${join(home, "bin")}:${process.env.PATH}`).status).toBe(1);
    expect(readFileSync(place, "utf8")).toBe(map);
  });
});
