import { accessSync, constants } from "node:fs";
import type { Accelerator } from "./qemu.ts";
import { run } from "./run.ts";

/** Whether this user may open /dev/kvm. It may still not run a kernel. */
export function offersKvm(): boolean {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Tries the kernel file under KVM: it must panic for want of a root file system within eight seconds. Where KVM hangs, emulation it is. */
export async function probeAccelerator(kernel: string): Promise<Accelerator> {
  if (!offersKvm()) return "tcg";
  const machine = ["-accel", "kvm", "-cpu", "host", "-m", "256", "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"];
  const { stdout } = await run("qemu-system-x86_64", [...machine, "-kernel", kernel, "-append", "console=ttyS0 panic=-1"], "", 8_000);
  return stdout.includes("Kernel panic") ? "kvm" : "tcg";
}
