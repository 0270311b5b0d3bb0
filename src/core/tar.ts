import { KofleetError } from "./error.ts";

/** A regular file of a tar archive. */
export interface TarFile {
  readonly path: string;
  readonly mode: number;
  readonly bytes: Uint8Array;
}

const block = 512;

/**
 * The regular files of an uncompressed POSIX (ustar, pax) or GNU tar archive. Throws a KofleetError where it is cut off, is none, or a file leads out of it;
 * and where it holds links or devices, unless they are to be ignored.
 */
export function readTar(archive: Uint8Array, others: "refused" | "ignored" = "refused"): TarFile[] {
  const files: TarFile[] = [];
  let longPath: string | undefined;
  for (let offset = 0; offset + block <= archive.length; ) {
    const header = archive.subarray(offset, offset + block);
    if (header.every((byte) => byte === 0)) return files;
    checkSum(header);
    const size = octal(header, 124, 12);
    const type = String.fromCharCode(header[156] ?? 0);
    const bytes = archive.subarray(offset + block, offset + block + size);
    if (bytes.length < size) throw new KofleetError("the archive is cut off");
    const path = longPath ?? headerPath(header);
    longPath = undefined;
    if (type === "0" || type === "\0") files.push({ path: safePath(path), mode: octal(header, 100, 8), bytes });
    else if (type === "x") longPath = paxPath(bytes);
    else if (type === "L") longPath = text(bytes, 0, bytes.length);
    else if (type !== "5" && type !== "g" && others === "refused")
      throw new KofleetError(`${path} is a link or a device: only files and folders are understood`);
    offset += block + Math.ceil(size / block) * block;
  }
  throw new KofleetError("the archive is cut off");
}

/** The sum of a header's bytes, its own field counted as blanks. */
function checkSum(header: Uint8Array): void {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (sum !== octal(header, 148, 8)) throw new KofleetError("it is no tar archive, or a damaged one");
}

function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString("utf8");
}

function octal(header: Uint8Array, start: number, length: number): number {
  const digits = text(header, start, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new KofleetError("it is no tar archive, or a damaged one");
  return Number.parseInt(digits || "0", 8);
}

/** GNU archives write other things where POSIX ones have the beginning of a long path. */
function headerPath(header: Uint8Array): string {
  const isPosix = text(header, 257, 8).startsWith("ustar") && header[262] === 0;
  const prefix = isPosix ? text(header, 345, 155) : "";
  return prefix === "" ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`;
}

/** The path among the records of a pax header: `LENGTH path=VALUE\n`. */
const paxPath = (bytes: Uint8Array): string | undefined => /(?:^|\n)\d+ path=([^\n]*)\n/.exec(Buffer.from(bytes).toString("utf8"))?.[1];

function safePath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (path.startsWith("/") || parts.includes("..")) throw new KofleetError(`${path} leads out of the archive`);
  return parts.join("/");
}
