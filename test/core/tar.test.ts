import { execFileSync } from "node:child_process";
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KofleetError } from "../../src/core/error.ts";
import { readTar } from "../../src/core/tar.ts";

const long = `${"long/".repeat(30)}name-${"x".repeat(90)}.c`;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kofleet-"));
  for (const [path, text] of [
    ["a.c", "int a;\n"],
    ["empty", ""],
    ["umlaut-ü.c", "x".repeat(512)],
    [long, "long"],
  ] as const) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
afterAll(() => rm(folder, { recursive: true }));

const pack = (...args: string[]): Uint8Array =>
  execFileSync("tar", ["-cf", "-", ...args], { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });

test.each(["pax", "gnu"])("reads what tar writes as %s", async (format) => {
  const files = readTar(pack(`--format=${format}`, "a.c", "empty", "umlaut-ü.c", "long"));
  expect(files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual([
    ["a.c", "int a;\n"],
    ["empty", ""],
    ["umlaut-ü.c", "x".repeat(512)],
    [long, "long"],
  ]);
});

test("leaves links and devices out where they are to be ignored, wherever they lead, and reads what comes behind them", async () => {
  await symlink(`/${"deep/".repeat(40)}target`, join(folder, "far"));
  await link(join(folder, "a.c"), join(folder, "same.c"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  for (const format of ["pax", "gnu"]) {
    const archive = pack(`--format=${format}`, "-P", "--transform=flags=r;s|^far|../far|", "far", "pipe", "a.c", "same.c", "umlaut-ü.c");
    expect(readTar(archive, "ignored").map(({ path }) => path)).toEqual(["a.c", "umlaut-ü.c"]);
  }
});

test("reads the split paths of ustar", async () => {
  const path = `${"part/".repeat(25)}file.c`;
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), "x");
  expect(readTar(pack("--format=ustar", path)).map((file) => file.path)).toEqual([path]);
});

describe("refuses", () => {
  test("links", async () => {
    await symlink("a.c", join(folder, "link"));
    expect(() => readTar(Buffer.alloc(0))).toThrow("the archive is cut off");
    const archive = pack("link");
    expect(() => readTar(archive)).toThrow("link is a link or a device: only files and folders are understood");
  });

  test("paths that lead out", async () => {
    const archive = pack("-P", "--transform=s|^|../|", "a.c");
    expect(() => readTar(archive)).toThrow("../a.c leads out of the archive");
  });

  test("any cut or damage of its headers, and never with another error", async () => {
    const archive = pack("--format=pax", "a.c", "umlaut-ü.c", "long");
    const whole = readTar(archive).length;
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.integer({ min: 0, max: 255 }), fc.boolean(), (at, byte, isCut) => {
        const damaged = isCut ? archive.subarray(0, at) : Uint8Array.from(archive);
        if (!isCut) damaged[at] = byte;
        try {
          expect(readTar(damaged).length).toBeLessThanOrEqual(whole);
        } catch (error) {
          expect(error).toBeInstanceOf(KofleetError);
        }
      }),
    );
  });
});
