import { ProofError } from "../core/error.ts";
import { packingOf } from "./compression.ts";

/** Machines that distributions build kernels for, named as `uname -m` names them. */
export type Machine = "x86_64" | "aarch64" | "ppc64le" | "ppc64" | "s390x" | "riscv64" | "loongarch64";

/** What the header of an ELF file says of the rest. */
export interface ElfIdentity {
  readonly machine: Machine;
  readonly isLittleEndian: boolean;
}

const magic = Buffer.from("7f454c46", "hex");
const headerSize = 64;
const relocatable = 1;

function machineOf(id: number, isLittleEndian: boolean): Machine {
  switch (id) {
    case 21:
      return isLittleEndian ? "ppc64le" : "ppc64";
    case 22:
      return "s390x";
    case 62:
      return "x86_64";
    case 183:
      return "aarch64";
    case 243:
      return "riscv64";
    case 258:
      return "loongarch64";
    default:
      throw new ProofError(`it is built for a machine that kofleet does not know (ELF machine ${id})`);
  }
}

function checkMagic(bytes: Uint8Array): void {
  const packing = packingOf(bytes);
  if (packing !== undefined) throw new ProofError(`it is compressed (${packing}): unpack it first`);
  if (!magic.equals(bytes.subarray(0, magic.length))) throw new ProofError("it is not an ELF file");
  if (bytes.length < headerSize) throw new ProofError(`it is truncated: ${bytes.length} bytes do not hold an ELF header`);
  if (bytes[4] !== 2) throw new ProofError("it is not a 64-bit ELF file");
  if (bytes[5] !== 1 && bytes[5] !== 2) throw new ProofError(`its ELF byte order is neither little nor big endian (${bytes[5]})`);
}

/** Reads the header of an ELF64 relocatable object of either byte order. Throws a ProofError for everything else. */
export function readIdentity(bytes: Uint8Array): ElfIdentity {
  checkMagic(bytes);
  const isLittleEndian = bytes[5] === 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint16(16, isLittleEndian);
  if (type !== relocatable) throw new ProofError(`it is not a relocatable object, as modules are (ELF type ${type})`);
  return { machine: machineOf(view.getUint16(18, isLittleEndian), isLittleEndian), isLittleEndian };
}
