import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { signatureList } from "../kernel/efi_fixture.ts";
import { ensure } from "./prerequisites.ts";
import type { Firmware } from "./qemu.ts";

const code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const emptyVariables = "/usr/share/OVMF/OVMF_VARS_4M.fd";

/** Signed modules only; the rest is as in the images' own command line. */
const commandLine = "root=LABEL=root ro console=ttyS0 mitigations=off net.ifnames=0 fsck.mode=skip norandmaps quiet module.sig_enforce=1";

/** EFI firmware with variables of its own in a machine's folder, which starts an image's kernel. */
export async function makeFirmware(folder: string, image: { readonly folder: string }): Promise<Firmware> {
  await ensure("a machine of the lab that boots by EFI", { [code]: "ovmf", [emptyVariables]: "ovmf" });
  const variables = join(folder, "variables");
  await copyFile(emptyVariables, variables);
  return { code, variables, kernel: join(image.folder, "vmlinuz"), initrd: join(image.folder, "initrd.img"), commandLine };
}

/** EFI_IMAGE_SECURITY_DATABASE_GUID: the place of `db` below /sys/firmware/efi/efivars. */
export const database = "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f";

/**
 * What makes a certificate (DER) the only one in `db`, as efivarfs takes it: attributes (non-volatile, for boot and runtime services, time-based
 * authentication), EFI_VARIABLE_AUTHENTICATION_2, list. Its signature is empty: while no platform key is set nobody looks at it (UEFI 2.10, 8.2.2).
 */
export function databaseOf(certificate: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 16 + 8);
  header.writeUInt32LE(0x27, 0);
  header.writeUInt16LE(2026, 4);
  header.set([1, 1], 6); // the month, the day
  header.writeUInt32LE(24, 20); // bytes of the WIN_CERTIFICATE_UEFI_GUID, from here on
  header.writeUInt16LE(0x0200, 24);
  header.writeUInt16LE(0x0ef1, 26);
  const pkcs7 = Buffer.from("9dd2af4adf68ee498aa9347d375665a7", "hex");
  return Buffer.concat([header, pkcs7, signatureList(certificate)]);
}
