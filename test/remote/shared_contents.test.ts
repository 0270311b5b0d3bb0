import { expect, test } from "vitest";
import { SharedContents } from "../../src/remote/shared_contents.ts";

test("bytes are read once for all who use them at a time, and again after the last", async () => {
  let reads = 0;
  const contents = new SharedContents();
  const load = async () => {
    reads += 1;
    return new Uint8Array(1);
  };
  const use = () => contents.use(["a", "a"], load, async ([first, second]) => [first, second]);
  const [[one, two], [three]] = await Promise.all([use(), use()]);
  expect([reads, one === two, one === three]).toEqual([1, true, true]);
  await use();
  expect(reads).toBe(2);
});

test("a read that failed is not remembered", async () => {
  const contents = new SharedContents();
  const failing = contents.use(
    ["a"],
    () => Promise.reject(new Error("gone")),
    async () => undefined,
  );
  await expect(failing).rejects.toThrow("gone");
  expect(
    await contents.use(
      ["a"],
      async () => new Uint8Array(2),
      async ([bytes]) => bytes?.length,
    ),
  ).toBe(2);
});
