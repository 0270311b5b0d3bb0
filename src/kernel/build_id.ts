const gnuBuildId = 3;
const gnu = Buffer.from("GNU\0");
// Bytes. Linkers make 8 to 20 of them, and the kernel reads no more (BUILD_ID_SIZE_MAX); the option --build-id takes any.
const longest = 64;
const align = (offset: number): number => (offset + 3) & ~3;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/**
 * The GNU build id, in hex, among ELF notes: the section of a module, `/sys/module/X/notes/.note.gnu.build-id`, or
 * `/sys/kernel/notes`. Undefined where no note, or only a damaged one, holds it.
 */
export function readBuildId(notes: Uint8Array, isLittleEndian = true): string | undefined {
  const view = new DataView(notes.buffer, notes.byteOffset, notes.byteLength);
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameSize = view.getUint32(at, isLittleEndian);
    const size = view.getUint32(at + 4, isLittleEndian);
    const start = at + 12 + align(nameSize);
    if (nameSize > notes.length || start + size > notes.length) return undefined;
    const isBuildId = view.getUint32(at + 8, isLittleEndian) === gnuBuildId && size > 0 && size <= longest;
    if (isBuildId && nameSize === gnu.length && gnu.equals(notes.subarray(at + 12, at + 16)))
      return hex(notes.subarray(start, start + size));
    at = start + align(size);
  }
  return undefined;
}
