const block = 512;
const longestPath = 100;

/** A file to be packed. */
export interface PackedFile {
  /** At most 100 bytes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;

/** A header of POSIX ustar: mode 0644, owned by root, of the beginning of 1970. */
function headerOf({ path, bytes }: PackedFile): Buffer {
  if (Buffer.byteLength(path) > longestPath) throw new RangeError(`the path ${path} is too long for a tar header`);
  const header = Buffer.alloc(block);
  header.write(path, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes.length, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write("root", 265);
  header.write("root", 297);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}

const paddingFor = (size: number): Buffer => Buffer.alloc((block - (size % block)) % block);

/** A tar archive with these files in their order; the same files make the same bytes, whoever packs them and when. */
export const writeTar = (files: readonly PackedFile[]): Buffer =>
  Buffer.concat([...files.flatMap((file) => [headerOf(file), file.bytes, paddingFor(file.bytes.length)]), Buffer.alloc(2 * block)]);
