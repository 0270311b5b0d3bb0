import { expect, test } from "vitest";
import { Turns } from "../../src/runner/turns.ts";

/** Work that ends when it is told to, and a log of what began and ended. */
function workshop() {
  const log: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise<void>((resolve, reject) => ends.set(name, (error) => (error ? reject(error) : resolve())));
    log.push(`${name} ends`);
    return name;
  };
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error);
    await settled();
  };
  return { log, work, end };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("does work of one name one after the other, in the order in which it was asked for", async () => {
  const [turns, { log, work, end }] = [new Turns(), workshop()];
  const all = ["a", "b", "c"].map((name) => turns.take(["x"], work(name)));
  await settled();
  expect(log).toEqual(["a begins"]);
  for (const name of ["a", "b", "c"]) await end(name);
  expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(await Promise.all(all)).toEqual(["a", "b", "c"]);
});

test("does work of different names, and of none, at once", async () => {
  const [turns, { log, work }] = [new Turns(), workshop()];
  void turns.take(["x"], work("a"));
  void turns.take(["y"], work("b"));
  void turns.take([], work("c"));
  void turns.take([], work("d"));
  await settled();
  expect(log.toSorted()).toEqual(["a begins", "b begins", "c begins", "d begins"]);
});

test("waits for the work of all its names", async () => {
  const [turns, { log, work, end }] = [new Turns(), workshop()];
  void turns.take(["x"], work("a"));
  void turns.take(["y"], work("b"));
  void turns.take(["x", "y", "z"], work("c"));
  void turns.take(["z"], work("d"));
  await settled();
  expect(log).toEqual(["a begins", "b begins"]);
  await end("b");
  expect(log).not.toContain("c begins");
  await end("a");
  expect(log).toContain("c begins");
  expect(log).not.toContain("d begins");
  await end("c");
  expect(log).toContain("d begins");
});

test("names in whatever order don't wait for each other for ever", async () => {
  const [turns, { work, end }] = [new Turns(), workshop()];
  const all = [turns.take(["x", "y"], work("a")), turns.take(["y", "x"], work("b")), turns.take(["x", "x"], work("c"))];
  for (const name of ["a", "b", "c"]) {
    await settled();
    await end(name);
  }
  expect(await Promise.all(all)).toEqual(["a", "b", "c"]);
});

test("work that fails is its own caller's, and does not keep the others", async () => {
  const [turns, { log, work, end }] = [new Turns(), workshop()];
  const failing = turns.take(["x"], work("a"));
  const throwing = turns.take(["x"], () => {
    throw new Error("b broke");
  });
  const after = turns.take(["x"], work("c"));
  await settled();
  void end("a", new Error("a broke"));
  await expect(failing).rejects.toThrow("a broke");
  await expect(throwing).rejects.toThrow("b broke");
  await settled();
  expect(log).toEqual(["a begins", "c begins"]);
  await end("c");
  expect(await after).toBe("c");
});
