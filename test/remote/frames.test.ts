import fc from "fast-check";
import { expect, test } from "vitest";
import { type Frame, FrameSplitter } from "../../src/remote/frames.ts";
import { LineSplitter } from "../../src/remote/lines.ts";

const nonce = "00112233445566778899aabbccddeeff";

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
      const splitter = new FrameSplitter(
        nonce,
        (frame) => seen.push(frame),
        (bytes) => text.push(bytes),
      );
      for (const chunk of cut(data, sizes)) splitter.push(chunk);
      expect(seen).toEqual(all.map(([label, code, bytes]) => ({ label, code, body: Buffer.from(bytes) })));
      expect(splitter.tail()).toEqual(Buffer.from(tail));
      expect(Buffer.from(tail).subarray(0, 0).length + Buffer.concat(text).length).toBeLessThanOrEqual(data.length);
    }),
  );
});

test("a line is shown as soon as it ends, not with the next one", () => {
  const text: string[] = [];
  const splitter = new FrameSplitter(
    nonce,
    () => undefined,
    (bytes) => text.push(bytes.toString()),
  );
  splitter.push(Buffer.from("one\n"));
  expect(text.join("")).toBe("one\n");
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
