import { expect, test } from "vitest";
import type { Step } from "../../src/core/step.ts";
import { BatchStream, largestText } from "../../src/remote/batch_stream.ts";

const nonce = "00112233445566778899aabbccddeeff";

const file: Step = { kind: "fetch", path: "/var/lib/x.ko", limit: 1000 };
const run: Step = { kind: "run", argv: ["make"] };
const source = { place: "web1:22", steps: [file, run], questions: [["uname"], ["id"]] } as const;

/** A part of a stream: what is printed, and the label of the frame behind it. */
type Part = readonly [text: string, label: string];

/** What comes of a stream: undefined, or the error. */
function outcomeOf(parts: readonly Part[], name: "stdout" | "stderr" = "stdout"): Promise<unknown> {
  const stream = new BatchStream(nonce, { ...source, name }, {});
  for (const [text, label] of parts) stream.push(Buffer.from(`${text}${nonce} ${label} 0\n`));
  return stream.ended.catch((error: unknown) => error);
}

const of = (size: number): string => "x".repeat(size);
const whole: readonly Part[] = ["start", "f0", "s0", "s1", "q0", "q1", "end"].map((label) => ["", label]);
/** The whole stream with these texts before their labels. */
const sending = (texts: Readonly<Record<string, string>>): readonly Part[] => whole.map(([, label]) => [texts[label] ?? "", label]);

const tooMuch = (stream: string): string =>
  `more text on ${stream} than kofleet takes in one round trip: the limit is ${largestText} bytes`;

test.each<[what: string, texts: Readonly<Record<string, string>>]>([
  ["nothing", {}],
  ["a file of the largest size, and all the text there may be", { f0: of(1000), s1: of(largestText - 10), q1: of(10) }],
])("takes %s", async (_, texts) => {
  expect(await outcomeOf(sending(texts))).toBeUndefined();
});

test.each<[what: string, parts: readonly Part[], error: string, message: string]>([
  [
    "a file larger than its limit",
    sending({ f0: of(1001) }),
    "StepError",
    "web1:22: fetch /var/lib/x.ko: /var/lib/x.ko is too large: the limit is 1000 bytes",
  ],
  ["a log larger than all text", sending({ s0: of(largestText + 1) }), "StepError", `web1:22: fetch /var/lib/x.ko: ${tooMuch("stdout")}`],
  ["too much of a step", sending({ s1: of(largestText + 1) }), "StepError", `web1:22: make: ${tooMuch("stdout")}`],
  ["too much of a question", sending({ q0: of(largestText + 1) }), "FactError", `web1:22 answers with ${tooMuch("stdout")}`],
  ["too much of all of them", sending({ s1: of(largestText - 10), q1: of(11) }), "FactError", `web1:22 answers with ${tooMuch("stdout")}`],
  [
    "an answer twice",
    [
      ["", "start"],
      ["", "q0"],
      ["", "q0"],
    ],
    "ConnectError",
    "web1:22: its shell answers what nobody asked",
  ],
  [
    "an answer to no question",
    [
      ["", "start"],
      ["", "q2"],
    ],
    "ConnectError",
    "web1:22: its shell answers what nobody asked",
  ],
  [
    "the file of a step that fetches none",
    [
      ["", "start"],
      ["", "f1"],
    ],
    "ConnectError",
    "web1:22: its shell answers what nobody asked",
  ],
  ["a label that does not end", [["", of(100)]], "ConnectError", "web1:22: its shell answers what nobody asked"],
])("refuses %s, and drops what follows", async (_, parts, name, message) => {
  expect(await outcomeOf([...parts, ...whole])).toMatchObject({ name, message });
});

test("what a fetch complains of is no file", async () => {
  expect(await outcomeOf(sending({ f0: of(1001) }), "stderr")).toBeUndefined();
  const complaint = sending({ f0: of(largestText + 1) });
  expect(await outcomeOf(complaint, "stderr")).toMatchObject({ name: "StepError", message: expect.stringContaining(tooMuch("stderr")) });
});
