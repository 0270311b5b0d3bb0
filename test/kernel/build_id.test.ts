import fc from "fast-check";
import { expect, test } from "vitest";
import { readBuildId } from "../../src/kernel/build_id.ts";
import { exampleBuildId, noteBytes } from "./elf_writer.ts";

const note = noteBytes("GNU", 3, Buffer.from(exampleBuildId, "hex"));

test.each<[what: string, notes: Uint8Array, id: string | undefined]>([
  ["the only note", note, exampleBuildId],
  ["the second note, as in /sys/kernel/notes", Buffer.concat([noteBytes("Xen", 6, Buffer.from("linux\0")), note]), exampleBuildId],
  ["behind another note of GNU", Buffer.concat([noteBytes("GNU", 1, new Uint8Array(16)), note]), exampleBuildId],
  ["nothing", new Uint8Array(), undefined],
  ["a note of somebody else", noteBytes("Linux", 3, new Uint8Array(8)), undefined],
  ["an empty id", noteBytes("GNU", 3, new Uint8Array()), undefined],
  ["a truncated note", note.subarray(0, 20), undefined],
  ["a name longer than the notes", Buffer.concat([Buffer.from("ffffffff0400000003000000", "hex"), note]), undefined],
])("finds the build id: %s", (_, notes, id) => expect(readBuildId(notes)).toBe(id));

test("reads big-endian notes", () => {
  expect(readBuildId(noteBytes("GNU", 3, Buffer.from("abcd", "hex"), false), false)).toBe("abcd");
});

test("ends on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, little) => {
      expect(readBuildId(bytes, little) ?? "00").toMatch(/^(?:[0-9a-f]{2})+$/);
    }),
  );
});
