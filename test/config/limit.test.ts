import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readLimit } from "../../src/config/limit.ts";
import { selectHosts } from "../../src/config/pattern.ts";
import { inventoryOf } from "./parse.ts";

const inventory = inventoryOf("web: {hosts: {'web[1:4]': }}\ndb: {hosts: {db1: }}");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kofleet-"));
  await writeFile(join(folder, "some"), "# retry these\nweb1\n\n  web2 \ndb:!web2\n");
});
afterAll(() => rm(folder, { recursive: true }));

test("a limit without files is left as it is", async () => {
  expect(await readLimit(inventory, "web:!web1")).toBe("web,!web1");
});

test("each line of a file is a pattern", async () => {
  const limit = await readLimit(inventory, `@${folder}/some,web3`);
  expect(limit).toBe("web1,web2,db,!web2,web3");
  expect(selectHosts(inventory, "all", limit)).toEqual(["web1", "web3", "db1"]);
});

test("a missing file is named", async () => {
  await expect(readLimit(inventory, "@/nowhere/some")).rejects.toThrow("cannot read the limit @/nowhere/some: ENOENT");
});
