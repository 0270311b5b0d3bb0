import { link, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeNew } from "../../src/store/atomic_write.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kofleet-"));
});
afterEach(() => rm(folder, { recursive: true }));

const coded = (code: string): Error => Object.assign(new Error(code), { code });
/** link(2) of a file system without hard links. */
const withoutLinks = (code: string) => () => Promise.reject(coded(code));

test.each<[what: string, putLink: typeof link]>([
  ["with hard links", link],
  ["such as vfat", withoutLinks("EPERM")],
  ["of the network", withoutLinks("ENOTSUP")],
  ["in user space", withoutLinks("ENOSYS")],
])("a new file is written whole, and replaces none, on a file system %s", async (_, putLink) => {
  const path = join(folder, "x");
  await writeNew(path, "first", putLink);
  await expect(writeNew(path, "second", putLink)).rejects.toMatchObject({ code: "EEXIST" });
  expect(await readFile(path, "utf8")).toBe("first");
  expect(await readdir(folder)).toEqual(["x"]);
});

test("nothing is left where a new file can't be put in place, whether its name was claimed or not", async () => {
  await expect(writeNew(join(folder, "x"), "text", withoutLinks("EIO"))).rejects.toThrow("EIO");
  const vanishing = async (beside: Parameters<typeof link>[0]) => {
    await rm(beside);
    throw coded("EPERM");
  };
  await expect(writeNew(join(folder, "x"), "text", vanishing)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readdir(folder)).toEqual([]);
});
