import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTar } from "../../src/core/tar.ts";
import { writeTar } from "../../src/core/tar_writer.ts";

const listed = (archive: Uint8Array): string =>
  execFileSync("tar", ["--list", "--verbose", "--utc", "--full-time", "-f", "-"], { input: archive, encoding: "utf8" });

test("tar reads what it writes: the same owner, mode and moment for all", () => {
  const archive = writeTar([
    { path: "b/module.ko", bytes: Buffer.alloc(513) },
    { path: "a", bytes: Buffer.alloc(0) },
  ]);
  expect(listed(archive)).toMatchInlineSnapshot(`
    "-rw-r--r-- root/root       513 1970-01-01 00:00:00 b/module.ko
    -rw-r--r-- root/root         0 1970-01-01 00:00:00 a
    "
  `);
});

test("what it writes is read back to the byte", () => {
  const file = fc.record({ path: fc.stringMatching(/^[a-z][a-z0-9./]{0,20}[a-z]$/), bytes: fc.uint8Array({ maxLength: 1100 }) });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 4 }), (files) => {
      const wanted = files.filter(({ path }) => !/\.\.|\/\/|\/\.|\.\//.test(path));
      const found = readTar(writeTar(wanted)).map(({ path, bytes }) => ({ path, bytes: Buffer.from(bytes) }));
      expect(found).toEqual(wanted.map(({ path, bytes }) => ({ path, bytes: Buffer.from(bytes) })));
    }),
  );
});

test("a path that a header can't hold is refused, not cut", () => {
  expect(() => writeTar([{ path: "x".repeat(101), bytes: Buffer.alloc(0) }])).toThrow("is too long");
});
