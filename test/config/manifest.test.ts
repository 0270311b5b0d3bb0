import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isMapNeeded, loadManifest, manifestOf, manifestSchema, sourceDigest, systemMapPath } from "../../src/config/manifest.ts";
import { noSecretSources } from "../../src/config/secret_sources.ts";
import { parseYaml } from "../../src/config/yaml.ts";
import { complaint } from "./parse.ts";

const manifest = (text: string) => manifestOf(parseYaml(text, "/m/x.yaml"), "/m/x.yaml");
const minimal = 'name: x\nversion: "1.0"\ndescription: d\nsource: {folder: src}\n';

test("what a manifest need not say", () => {
  expect(manifest(minimal)).toEqual({
    name: "x",
    version: "1.0",
    description: "d",
    source: { kind: "folder", path: "/m/src", files: [{ from: ".", to: "." }] },
    supported: [],
    packages: {},
    needs: [],
    systemMap: "/usr/lib/debug/boot/System.map-{{kernel}}",
    reaches: [],
    build: "each",
    initramfs: true,
    atBoot: true,
    bootFiles: {},
    position: { file: "/m/x.yaml", line: 1, column: 1 },
    file: "/m/x.yaml",
    directory: "/m",
  });
});

test("a row for several distributions is one row each", () => {
  const { supported } = manifest(
    `${minimal}supported: [{distribution: [centos, rhel], versions: ["9"], kernels: ">=5.14", since: "6.10"}]`,
  );
  expect(supported).toEqual([
    { distribution: "centos", versions: ["9"], kernels: ">=5.14", since: "6.10" },
    { distribution: "rhel", versions: ["9"], kernels: ">=5.14", since: "6.10" },
  ]);
});

test("a manifest may say where its source looks for the symbol map, and what it reaches by it", () => {
  const said = manifest(
    `${minimal}needs: [system_map]\nsystem_map: "/boot/maps/{{kernel}}/System.map"\nreaches: [vm_area_cachep, __x64_sys_mount, a.b$c]\n`,
  );
  expect(said).toMatchObject({
    needs: ["system_map"],
    systemMap: "/boot/maps/{{kernel}}/System.map",
    reaches: ["vm_area_cachep", "__x64_sys_mount", "a.b$c"],
  });
  expect(systemMapPath(said, "6.1.0-37-amd64")).toBe("/boot/maps/6.1.0-37-amd64/System.map");
  expect(systemMapPath(manifest(minimal), "6.1.0-37-amd64")).toBe("/usr/lib/debug/boot/System.map-6.1.0-37-amd64");
  expect([isMapNeeded(said), isMapNeeded(manifest(minimal))]).toEqual([true, false]);
});

test("a manifest may say what else an initramfs must hold", () => {
  const said = `${minimal}boot_files: {/usr/bin/dbdctl: dbdctl, /var/lib/datto/dla/reload: datto_reload}\n`;
  expect(manifest(said).bootFiles).toEqual({ "/usr/bin/dbdctl": "dbdctl", "/var/lib/datto/dla/reload": "datto_reload" });
});

test("tasks take a loaded manifest, not its file's name", () => {
  expect(manifestSchema.safeParse(manifest(minimal)).success).toBe(true);
  expect(manifestSchema.safeParse("x.yaml").success).toBe(false);
});

test.each([
  [minimal.replace("name", "nme"), '/m/x.yaml:1:1: the manifest has no "nme" (did you mean "name"?)'],
  [minimal.replace('"1.0"', "1.10"), "/m/x.yaml:2:10: the manifest: version must be text, not 1.1: quote it"],
  [
    minimal.replace('"1.0"', '"v1"'),
    '/m/x.yaml:2:10: the manifest: version is "v1": a version begins with a digit and has no blanks; quote it: "0.12.0"',
  ],
  ["name: x", "/m/x.yaml:1:1: the manifest: version is missing"],
  [`${minimal}needs: [sytem_map]`, '/m/x.yaml:5:9: the manifest: needs.0 must be system_map, not "sytem_map" (did you mean "system_map"?)'],
  [`${minimal}system_map: "boot/System.map-{{kernel}}"`, "/m/x.yaml:5:13: the manifest: system_map is"],
  [`${minimal}system_map: /boot/System.map`, "an absolute path with {{kernel}} in it"],
  [`${minimal}system_map: "/{{kernel}}/{{kernel}}"`, "an absolute path with {{kernel}} in it"],
  [`${minimal}system_map: "/boot/{{version}}"`, "an absolute path with {{kernel}} in it"],
  [`${minimal}sytem_map: "/boot/{{kernel}}"`, 'the manifest has no "sytem_map" (did you mean "system_map"?)'],
  [`${minimal}reaches: kfree`, "/m/x.yaml:5:10: the manifest: reaches must be a list"],
  [`${minimal}reaches: [kfree, "vm area"]`, '/m/x.yaml:5:18: the manifest: reaches.1 is "vm area": the name of a kernel\'s symbol'],
  [`${minimal}boot_files: {dbdctl: dbdctl}`, '/m/x.yaml:5:14: the manifest: boot_files has "dbdctl": an absolute path on hosts'],
  [`${minimal}boot_files: {/usr/bin/dbdctl: bin/dbdctl}`, "the file's name in the initramfs, without folders"],
  [`${minimal}reaches: [""]`, "the name of a kernel's symbol"],
  [`${minimal}packages: {redhut: [perl]}`, '/m/x.yaml:5:12: the manifest: packages has no "redhut"'],
  [`${minimal}supported: [{distribution: ubuntu, kernels: ">=5.15 - <6"}]`, '/m/x.yaml:5:45: ">=5.15 - <6" is not a range'],
  [
    `${minimal}supported: [{distribution: ubuntu, versions: [22.04], kernels: ">=5"}]`,
    "/m/x.yaml:5:47: the manifest: supported.0.versions.0 must be text, not 22.04: quote it",
  ],
  [
    minimal.replace("folder: src", "folder: src, archive: a.tar"),
    "/m/x.yaml:4:9: the manifest: source is a map: give either folder or archive",
  ],
  [minimal.replace("folder: src", "foldr: src"), '/m/x.yaml:4:10: the manifest: source has no "foldr" (did you mean "folder"?)'],
  [
    minimal.replace("src}", "src, files: [{from: ../x}]}"),
    '/m/x.yaml:4:38: the manifest: source.files.0.from is "../x": the path must stay inside its folder',
  ],
  ["- a", "/m/x.yaml:1:1: the manifest must be a map, not a list"],
])("%j is refused", (text, message) => {
  expect(complaint(() => manifest(text))).toContain(message);
});

describe("the source", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kofleet-"));
    const files = {
      "src/Makefile": "all:\n",
      "src/tests/a.c": "int a;\n",
      "src/gen.sh": "#!/bin/sh\n",
      "dist/conf": 'VERSION="@V@"\n',
      ".git/HEAD": "x",
      README: "r",
    };
    for (const [path, text] of Object.entries(files)) await put(path, text);
    await chmod(join(folder, "src/gen.sh"), 0o755);
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function put(path: string, text: string) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const layout = "files: [{from: src}, {from: dist/conf, to: dkms.conf, version_mark: '@V@'}]";
  async function laidOut(source: string) {
    await writeFile(join(folder, "m.yaml"), `name: x\nversion: "1.2"\ndescription: d\nsource: {${source}}\n`);
    return sourceDigest(await loadManifest(join(folder, "m.yaml"), noSecretSources));
  }
  const failure = async (source: string): Promise<string> => {
    const outcome = await laidOut(source).catch((error: unknown) => error);
    return outcome instanceof Error ? outcome.message : "no failure";
  };

  test("is laid out by its rules, the version put in, modes reduced to executable or not", async () => {
    const { files, sha256 } = await laidOut(`folder: ., ${layout}`);
    expect(files.map(({ path, mode, bytes }) => `${path} ${mode.toString(8)} ${Buffer.from(bytes)}`)).toEqual([
      "Makefile 644 all:\n",
      'dkms.conf 644 VERSION="1.2"\n',
      "gen.sh 755 #!/bin/sh\n",
      "tests/a.c 644 int a;\n",
    ]);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("has a digest that changes with contents, modes and paths, and with nothing else", async () => {
    const digest = async () => (await laidOut(`folder: ., ${layout}`)).sha256;
    const first = await digest();
    await put("README", "changed");
    await chmod(join(folder, "src/Makefile"), 0o600);
    expect(await digest()).toBe(first);
    await chmod(join(folder, "src/Makefile"), 0o700);
    const executable = await digest();
    await chmod(join(folder, "src/Makefile"), 0o644);
    await put("src/tests/a.c", "int b;\n");
    const other = await digest();
    await put("src/tests/a.c", "int a;\n");
    await put("src/tests/b.c", "");
    expect(new Set([first, executable, other, await digest()]).size).toBe(4);
    await rm(join(folder, "src/tests/b.c"));
    expect(await digest()).toBe(first);
  });

  test("is the same from an archive, with or without a folder around it", async () => {
    const expected = (await laidOut(`folder: ., ${layout}`)).sha256;
    execFileSync("tar", ["-czf", "plain.tgz", "src", "dist"], { cwd: folder });
    execFileSync("tar", ["-cf", "wrapped.tar", "--format=pax", "--transform=s|^|x-1.2/|", "src", "dist"], { cwd: folder });
    expect((await laidOut(`archive: plain.tgz, ${layout}`)).sha256).toBe(expected);
    expect((await laidOut(`archive: wrapped.tar, ${layout}, sha256: ${expected}`)).sha256).toBe(expected);
  });

  test("follows links to files", async () => {
    await symlink("../src/Makefile", join(folder, "dist/link"));
    expect(
      (await laidOut(`folder: ., ${layout.replace("]", ", {from: dist/link, to: extra/}]")}`)).files.map(({ path }) => path),
    ).toContain("extra/link");
  });

  test.each([
    [`folder: ., ${layout}, sha256: "${"0".repeat(64)}"`, /sha256 is [0-9a-f]{64}, but the manifest pins 0{64}: look at what changed/],
    ["folder: src", /the source has no dkms\.conf once it is laid out/],
    ["folder: ., files: [{from: dst/conf}]", / has no dst\/conf \(did you mean "dist\/conf"\?\)/],
    ["folder: ., files: [{from: src, version_mark: '@W@'}]", /: Makefile does not contain the version mark @W@/],
    ["folder: nowhere", /cannot read the module's source: ENOENT/],
    ["archive: README", /cannot read the module's source .*README: the archive is cut off/],
  ])("%s is refused", async (source, message) => {
    expect(await failure(source)).toMatch(message);
  });
});
