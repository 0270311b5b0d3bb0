import type { Argv } from "../core/answer.ts";

/** How a module file is compressed: the name is its suffix behind `.ko.`. */
export type Compression = "none" | "xz" | "zst" | "gz";

/** A compression that needs a program. */
export type Packing = Exclude<Compression, "none">;

const packers: Record<Packing, Argv> = {
  // In-kernel decompression refuses xz's default check, CRC64, and dictionaries beyond 1 MiB.
  xz: ["xz", "--check=crc32", "--lzma2=dict=1MiB", "--force"],
  zst: ["zstd", "-T0", "--rm", "--force", "--quiet"],
  gz: ["gzip", "--no-name", "--force"],
};

/** The file name of a module: "veth.ko", "veth.ko.xz". Dashes stay as they are given. */
export const moduleFileName = (module: string, compression: Compression): string =>
  compression === "none" ? `${module}.ko` : `${module}.ko.${compression}`;

/** The compression that a module's path tells; undefined where it is no module file. */
export function compressionOf(path: string): Compression | undefined {
  const suffix = /\.ko(?:\.(xz|zst|gz))?$/.exec(path);
  if (suffix === null) return undefined;
  switch (suffix[1]) {
    case "xz":
    case "zst":
    case "gz":
      return suffix[1];
    default:
      return "none";
  }
}

const magics: readonly (readonly [Packing, Buffer])[] = [
  ["xz", Buffer.from("fd377a585a00", "hex")],
  ["zst", Buffer.from("28b52ffd", "hex")],
  ["gz", Buffer.from("1f8b", "hex")],
];

/** How bytes are compressed, by what they begin with; undefined where they are not, or by something else. */
export const packingOf = (bytes: Uint8Array): Packing | undefined =>
  magics.find(([, magic]) => magic.equals(bytes.subarray(0, magic.length)))?.[0];

/** Replaces the file whose path is appended as last word by its compressed form beside it, with the flags of the kernel's own scripts/Makefile.modinst. */
export const compressCommand = (packing: Packing): Argv => packers[packing];
