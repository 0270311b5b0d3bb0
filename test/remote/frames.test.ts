import fc from "fast-check";
import { expect, test } from "vitest";
import { type Frame, type FrameListener, FrameSplitter } from "../../src/remote/frames.ts";
import { LineSplitter } from "../../src/remote/lines.ts";
import { collectGarbage } from "../memory.ts";
import { expectWithin } from "../quickness.ts";

const nonce = "00112233445566778899aabbccddeeff";

const splitterTo = (listener: Partial<FrameListener>): FrameSplitter =>
  new FrameSplitter(nonce, {
    onFrame: () => undefined,
    limit: () => Number.POSITIVE_INFINITY,
    excess: (limit) => new Error(`more than ${limit}`),
    ...listener,
  });

/** Bytes that like to look like the beginning of a frame. */
const body = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom("", "\n", "0", "0011", `${nonce}`, `x${nonce.slice(0, 31)}`).map((text) => Buffer.from(text)),
);

function cut(data: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let from = 0;
  for (const size of sizes) {
    chunks.push(data.subarray(from, from + size));
    from += size;
  }
  return [...chunks, data.subarray(from)];
}

test("however a stream is cut into chunks, the frames and the exact bytes between them are the same", () => {
  const frames = fc.array(fc.tuple(fc.constantFrom("start", "s0", "q11", "end"), fc.integer({ min: 0, max: 255 }), body), { maxLength: 5 });
  fc.assert(
    fc.property(frames, body, fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 }), (all, tail, sizes) => {
      const data = Buffer.concat([
        ...all.flatMap(([label, code, bytes]) => [Buffer.from(bytes), Buffer.from(`${nonce} ${label} ${code}\n`)]),
        Buffer.from(tail),
      ]);
      const seen: Frame[] = [];
      const text: Buffer[] = [];
      const splitter = splitterTo({ onFrame: (frame) => seen.push(frame), onText: (bytes) => text.push(bytes) });
      for (const chunk of cut(data, sizes)) splitter.push(chunk);
      expect(seen).toEqual(all.map(([label, code, bytes]) => ({ label, code, body: Buffer.from(bytes) })));
      expect(splitter.tail()).toEqual(Buffer.from(tail));
      expect(Buffer.from(tail).subarray(0, 0).length + Buffer.concat(text).length).toBeLessThanOrEqual(data.length);
    }),
  );
});

test("a line is shown as soon as it ends, not with the next one", () => {
  const text: string[] = [];
  const splitter = splitterTo({ onText: (bytes) => text.push(bytes.toString()) });
  splitter.push(Buffer.from("one\n"));
  expect(text.join("")).toBe("one\n");
});

test("takes as many bytes as are allowed, and never one more, however they come", () => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 }), (size, limit, sizes) => {
      const text: Buffer[] = [];
      const splitter = splitterTo({ limit: () => limit, onText: (bytes) => text.push(bytes) });
      const push = () => {
        for (const chunk of cut(Buffer.concat([Buffer.alloc(size, "x"), Buffer.from(`${nonce} s0 0\n`)]), sizes)) splitter.push(chunk);
      };
      if (size > limit) expect(push).toThrow(`more than ${limit}`);
      else push();
      expect(Buffer.concat(text).length).toBeLessThanOrEqual(Math.min(size, limit));
    }),
  );
});

test("takes a header that does not end for one that nobody waits for", () => {
  const labels: string[] = [];
  const splitter = splitterTo({ onFrame: ({ label }) => labels.push(label) });
  splitter.push(Buffer.from(`${nonce} ${"x".repeat(63)}`));
  expect(labels).toEqual([]);
  splitter.push(Buffer.from("x"));
  expect(labels).toEqual(["x".repeat(64)]);
});

test("bytes that come one by one take no more memory than they are", () => {
  const splitter = splitterTo({});
  const used = (): number => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  for (let count = 0; count < 500_000; count += 1) splitter.push(Buffer.from("x"));
  expect(used() - before).toBeLessThan(10 * 2 ** 20);
  expect(splitter.tail()).toHaveLength(500_000);
});

test("a line that does not end is looked through once", async () => {
  const chunk = Buffer.alloc(32 * 1024, "x");
  await expectWithin(2000, () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (let count = 0; count < 1024; count += 1) splitter.push(chunk);
    splitter.flush();
    expect(lines.map(({ length }) => length)).toEqual([32 * 2 ** 20]);
  });
});

test("lines stay whole when a character is split between chunks", () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const byte of Buffer.from("é\n\nzwei\ndrei")) splitter.push(Buffer.of(byte));
  expect(lines).toEqual(["é", "", "zwei"]);
  splitter.flush();
  splitter.flush();
  expect(lines).toEqual(["é", "", "zwei", "drei"]);
});
