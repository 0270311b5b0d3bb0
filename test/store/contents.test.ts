import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createContents } from "../../src/store/contents.ts";

const hi = "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4";
const folder = mkdtempSync(join(tmpdir(), "contents-"));
const fileOf = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test("gives bytes back by their sha256", async () => {
  const contents = createContents();
  expect(contents.add(Buffer.from("hi\n"))).toBe(hi);
  expect(Buffer.from(await contents.open(hi)).toString()).toBe("hi\n");
});

test("gives a file's bytes back, large ones too", async () => {
  const contents = createContents();
  const large = "x".repeat(1_000_000);
  const { sha256, size } = await contents.addFile(fileOf("large", large));
  expect(size).toBe(1_000_000);
  expect(Buffer.from(await contents.open(sha256)).toString()).toBe(large);
});

test("shows bytes and files, of whatever size, to several at once", async () => {
  const contents = createContents();
  const texts = ["hi\n", "x".repeat(1_000_000), "", "y".repeat(999_999)];
  const digests = [contents.add(Buffer.from("hi\n"))];
  for (const text of texts.slice(1)) digests.push((await contents.addFile(fileOf(`shown${text.length}`, text))).sha256);
  const seen = await Promise.all([...digests, ...digests].map((sha256) => contents.look(sha256, (bytes) => Buffer.from(bytes).toString())));
  expect(seen).toEqual([...texts, ...texts]);
});

test("refuses a file that changed since, with both digests", async () => {
  const contents = createContents();
  const path = fileOf("changing", "hi\n");
  expect(await contents.addFile(path)).toEqual({ sha256: hi, size: 3 });
  writeFileSync(path, "ho\n");
  const changed = new RegExp(`changing changed during the run: its sha256 was ${hi} and is [0-9a-f]{64}`);
  await expect(contents.open(hi)).rejects.toThrow(changed);
  await expect(contents.look(hi, () => "seen")).rejects.toThrow(changed);
});

test("refuses what was never added", async () => {
  await expect(createContents().open("00")).rejects.toThrow("no content with sha256 00 was ever added");
  await expect(createContents().look("00", () => "seen")).rejects.toThrow("no content with sha256 00 was ever added");
});
