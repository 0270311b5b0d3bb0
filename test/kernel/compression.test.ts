import { expect, test } from "vitest";
import { type Compression, compressCommand, compressionOf, moduleFileName } from "../../src/kernel/compression.ts";

const names: readonly (readonly [Compression, string])[] = [
  ["none", "nf-tables.ko"],
  ["xz", "nf-tables.ko.xz"],
  ["zst", "nf-tables.ko.zst"],
  ["gz", "nf-tables.ko.gz"],
];

test.each(names)("a module compressed by %s is %s, and back", (compression, name) => {
  expect(moduleFileName("nf-tables", compression)).toBe(name);
  expect(compressionOf(`/lib/modules/6.1.0/updates/dkms/${name}`)).toBe(compression);
});

test.each(["x.ko.lz4", "x.so", "ko", "x.ko.xz.bak", ""])("%j is no module file", (path) => expect(compressionOf(path)).toBeUndefined());

test("xz keeps to what the kernel can unpack", () => {
  expect(compressCommand("xz")).toEqual(["xz", "--check=crc32", "--lzma2=dict=1MiB", "--force"]);
  expect(compressCommand("zst")).toEqual(["zstd", "-T0", "--rm", "--force", "--quiet"]);
  expect(compressCommand("gz")).toEqual(["gzip", "--no-name", "--force"]);
});
