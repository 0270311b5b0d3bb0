import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { FactError } from "../../src/core/error.ts";
import type { Fact } from "../../src/core/fact.ts";
import { debian } from "../../src/distributions/debian.ts";
import { builtModules, dkmsBuilds } from "../../src/facts/dkms.ts";
import { enrolledKeys } from "../../src/facts/enrolled_keys.ts";
import { initramfsListed, initramfsModule } from "../../src/facts/initramfs.ts";
import { kernelSources } from "../../src/facts/kernel_sources.ts";
import { kernelTrouble } from "../../src/facts/kernel_trouble.ts";
import { machine } from "../../src/facts/machine.ts";
import { moduleDkms, moduleState } from "../../src/facts/module.ts";
import { moduleIndex } from "../../src/facts/module_index.ts";
import { moduleLoading } from "../../src/facts/module_loading.ts";
import { packageVersions, unlistedPackages } from "../../src/facts/packages.ts";
import { hostProfile } from "../../src/facts/profile.ts";
import { sourceTree } from "../../src/facts/source_tree.ts";
import { answered, captured } from "./fixtures.ts";

const word = z.string().min(1);
const perhaps = word.or(z.undefined());
const serial = z.string().regex(/^[0-9a-f]+$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const buildId = z.string().regex(/^(?:[0-9a-f]{2})+$/);
const bytes = z.int().nonnegative();
const compression = z.enum(["none", "xz", "zst", "gz"]);

const profile = z.strictObject({
  hostname: z.string(),
  kernel: word,
  architecture: word,
  bootId: z.string().length(36),
  moduleFolder: word,
  distribution: z.string(),
  distributionVersion: z.string(),
  distributionTitle: z.string(),
  family: z.enum(["debian", "redhat", "suse", "other"]),
});
const kernel = z.strictObject({
  release: word,
  package: perhaps,
  packageVersion: perhaps,
  buildId: buildId.optional(),
  startedVersion: word.optional(),
  hasHeaders: z.boolean(),
  vermagic: perhaps,
  compression: compression.optional(),
  initramfsBytes: bytes.or(z.undefined()),
});
const host = z.strictObject({
  running: word,
  next: perhaps,
  kernels: z.array(kernel).min(1),
  headers: z.array(z.string()),
  kernelCompilers: z.record(z.string(), z.string()),
  compiler: perhaps,
  versionedCompilers: z.array(z.string()),
  make: perhaps,
  dkms: perhaps,
  packageManager: z.enum(["apt", "dnf", "zypper"]).or(z.undefined()),
  freeBytes: z.strictObject({ boot: bytes, modules: bytes, dkms: bytes }),
  initramfsTool: z.enum(["update-initramfs", "dracut"]).or(z.undefined()),
  compression: z.strictObject({ used: compression, supported: z.array(compression) }),
  secureBoot: z.boolean().or(z.undefined()),
  signatureEnforced: z.boolean(),
  container: z.string().or(z.undefined()),
  bootId: word,
  vermagic: perhaps,
});
const identity = { version: z.string().or(z.undefined()), srcversion: z.string().or(z.undefined()), buildId: buildId.or(z.undefined()) };
const state = z.strictObject({
  files: z.array(
    z.strictObject({
      kernel: word,
      path: z.string().startsWith("/lib/modules/"),
      target: perhaps,
      vermagic: z.string().or(z.undefined()),
      ...identity,
      sha256: sha256.or(z.undefined()),
    }),
  ),
  loaded: z
    .strictObject({ ...identity, buildId: z.string().or(z.undefined()), users: bytes.or(z.undefined()), holders: z.array(z.string()) })
    .or(z.undefined()),
  atBoot: z.boolean(),
});
const copy = z.strictObject({
  srcversion: z.string().or(z.undefined()),
  buildId: buildId.or(z.undefined()),
  sha256: sha256.or(z.undefined()),
});
const build = z.strictObject({
  kernel: word,
  architecture: word,
  tree: z.enum(["private", "host"]),
  from: z
    .strictObject({ source: sha256, kernelPackage: word, symbolMap: sha256.or(z.undefined()), signer: serial.or(z.undefined()) })
    .or(z.undefined()),
  isOutdated: z.boolean(),
  isInstalled: z.boolean(),
});
const built = z.strictObject({
  kernel: word,
  path: z.string().startsWith("/var/lib/"),
  log: z.string().startsWith("/var/lib/"),
  sha256,
  size: bytes,
  vermagic: z.string(),
  srcversion: z.string(),
  builtAt: z.iso.datetime(),
});
const loading = z.strictObject({
  target: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("file"), path: z.string().startsWith("/"), srcversion: perhaps }),
    z.strictObject({ kind: z.literal("built-in") }),
    z.strictObject({ kind: z.literal("missing") }),
  ]),
  denial: z.string().or(z.undefined()),
});
const trouble = z.strictObject({
  taint: z.array(word),
  lines: z.array(word).max(20),
  damage: z.array(word).max(20),
  isReadable: z.boolean(),
});
const hex = z.string().regex(/^(?:[0-9a-f]{2})+$/);
const enrolled = z.strictObject({
  keys: z.union([z.strictObject({ known: z.set(hex) }), z.strictObject({ missing: word })]),
  names: z.map(hex, z.string()),
  pending: z.union([z.strictObject({ known: z.set(hex) }), z.strictObject({ missing: word })]),
});
const sources = z.strictObject({
  identity: z
    .string()
    .regex(/^(?:build-id:(?:[0-9a-f]{2})+|vmlinuz:[0-9a-f]{64})$/)
    .or(z.undefined()),
  headersVersion: perhaps,
  symvers: perhaps,
  hasModules: z.boolean(),
  map: z.strictObject({ path: z.string(), sha256, isOwned: z.boolean() }).or(z.undefined()),
  kallsyms: z.enum(["readable", "hidden", "absent"]),
});
const tree = z.strictObject({
  files: z.map(word, z.strictObject({ sha256: sha256.or(z.undefined()), mode: z.int().min(0).max(0o7777) })),
  folders: z.set(z.string()),
});

const dkmsEntry = z.looseObject({
  module: word,
  version: word,
  state: z.enum(["added", "built", "installed", "installed-weak", "broken"]),
});
const source = `folder .\nentry 644 ./dkms.conf\ndigest ${"1".repeat(64)}  ./dkms.conf\nend\n`;
const facts: readonly (readonly [Fact<unknown>, string, z.ZodType])[] = [
  [hostProfile, captured("profile-debian12"), profile],
  [machine, captured("machine-debian12-plain"), host],
  [machine, captured("handmade-rhel9-machine"), host],
  [moduleState("dattobd"), captured("handmade-rhel9-module"), state],
  [moduleDkms("dattobd"), captured("handmade-rhel9-module"), z.array(dkmsEntry)],
  [moduleState("virtio_blk"), captured("module-debian12-in-tree"), state],
  [initramfsModule("virtio_blk", "6.1"), captured("initramfs-debian12-virtio_blk"), z.union([z.enum(["no-image", "absent"]), copy])],
  [initramfsListed("virtio_blk"), captured("initramfs-debian12-list"), z.boolean()],
  [dkmsBuilds("kofleet_example", "1.0.0"), captured("dkms-builds-debian12-installed"), z.array(build)],
  [builtModules("kofleet_example", "1.0.0"), captured("built-modules-debian12"), z.array(built)],
  [
    moduleIndex("virtio_blk", "6.1"),
    captured("module-index-debian12"),
    z.strictObject({ listed: z.string().or(z.undefined()), isFresh: z.boolean() }),
  ],
  [moduleLoading("virtio_blk"), captured("module-loading-debian12"), loading],
  [kernelSources("6.1.0-37-amd64", "/own/System.map"), captured("handmade-debian12-kernel-sources"), sources],
  [kernelSources("6.1.0-38-amd64", "/own/System.map"), captured("handmade-debian12-kernel-sources-next"), sources],
  [kernelSources("5.14.0", "/own/System.map"), captured("handmade-rhel9-kernel-sources"), sources],
  [kernelTrouble("dattobd"), captured("handmade-rhel9-kernel-trouble"), trouble],
  [enrolledKeys, captured("handmade-debian12-enrolled-keys"), enrolled],
  [sourceTree("/usr/src/x-1"), source, tree],
  [unlistedPackages(["dkms"]), captured("unlisted-debian12"), z.array(z.string())],
  [packageVersions(debian, ["dkms"]), "dkms\tinstalled\t3.0.10-8\n", z.map(word, z.string())],
];

const text = fc.uint8Array({ maxLength: 40 }).map((garbage) => Buffer.from(garbage).toString("latin1"));

/** An answer with some of its text replaced, cut out or doubled. */
const damaged = (stdout: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat(stdout.length), fc.nat(60), text, fc.boolean())
    .map(([at, length, garbage, twice]) => stdout.slice(0, at) + garbage + stdout.slice(twice ? Math.max(0, at - length) : at + length));

/** An answer with words of one line where others were. */
const shuffled = (stdout: string): fc.Arbitrary<string> => {
  const lines = stdout.split("\n");
  return fc
    .tuple(fc.nat(lines.length - 1), fc.nat(lines.length - 1), text)
    .map(([from, to, garbage]) =>
      lines.with(to, `${lines[to]?.split(" ")[0]} ${lines[from]?.split(" ").slice(1).join(" ")}${garbage}`).join("\n"),
    );
};

test.each(facts)("$name gives a value of its type or a FactError, whatever it reads", (fact, stdout, shape) => {
  expect(shape.safeParse(fact.parse(answered(stdout))).error).toBeUndefined();
  fc.assert(
    fc.property(fc.oneof(damaged(stdout), shuffled(stdout), text), fc.constantFrom(0, 1, 127, 137), (garbage, code) => {
      try {
        expect(shape.safeParse(fact.parse({ code, stdout: garbage, stderr: "" })).error).toBeUndefined();
      } catch (error) {
        if (!(error instanceof FactError)) throw error;
      }
    }),
    { numRuns: 300 },
  );
});
