import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { continueState, humanCommand, isListening } from "./monitor.ts";

export type Accelerator = "kvm" | "tcg";

/** EFI firmware that starts a kernel by itself. */
export interface Firmware {
  readonly code: string;
  /** The file of its variables, which it writes. */
  readonly variables: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly commandLine: string;
}

/** One machine's start: its folder gets `monitor`, `serial.log` and `qemu.log`. */
export interface Boot {
  readonly folder: string;
  readonly disk: string;
  readonly accelerator: Accelerator;
  /** Memory and devices as `saveState` wrote them; without it the machine boots from its disk. */
  readonly state?: string;
  /** Absent: a BIOS, which boots from the disk. */
  readonly firmware?: Firmware;
  /** The machine outlives this process; else it dies with it, however that ends. */
  readonly survives?: true;
}

const hardware = {
  kvm: ["-accel", "kvm", "-cpu", "host"],
  // Translated code may else take a gigabyte per machine. A processor with AVX and fast string moves is a slow one to emulate: byte by byte.
  // The machine's time goes on by its instructions, four nanoseconds each, and by the real clock only while it is idle: where emulation is
  // held up, the guest's ticks would else take all of it, and its time limits would run out.
  tcg: ["-accel", "tcg,thread=single,tb-size=512", "-icount", "shift=2,sleep=on", "-cpu", "Nehalem"],
} satisfies Record<Accelerator, readonly string[]>;

/** What a state was saved on and can only be loaded into. */
export function hardwareArguments(accelerator: Accelerator): string[] {
  const devices = ["virtio-blk-pci,drive=disk", "virtio-net-pci,netdev=net,id=nic,romfile=", "virtio-rng-pci"];
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc", "-smp", "1", "-m", "768"],
    ...hardware[accelerator],
    ...devices.flatMap((device) => ["-device", device]),
  ];
}

function qemuArguments(boot: Boot): string[] {
  return [
    ...hardwareArguments(boot.accelerator),
    ...["-drive", `file=${boot.disk},format=qcow2,if=none,id=disk,cache=unsafe`],
    ...["-netdev", "user,id=net,hostfwd=tcp:127.0.0.1:0-:22"],
    ...["-serial", `file:${join(boot.folder, "serial.log")}`, "-pidfile", join(boot.folder, "pid")],
    ...["-qmp", `unix:${monitorOf(boot.folder)},server=on,wait=off`],
    ...(boot.state ? ["-incoming", `exec:cat '${boot.state}'`] : []),
    ...(boot.firmware ? firmwareArguments(boot.firmware) : []),
  ];
}

function firmwareArguments({ code, variables, kernel, initrd, commandLine }: Firmware): string[] {
  return [
    ...["-drive", `if=pflash,format=raw,readonly=on,file=${code}`, "-drive", `if=pflash,format=raw,file=${variables}`],
    ...["-kernel", kernel, "-initrd", initrd, "-append", commandLine],
  ];
}

/** The machine protocol's socket of the machine in a folder. */
export function monitorOf(folder: string): string {
  return join(folder, "monitor");
}

/** Starts a machine and returns its loopback port of ssh, as soon as QEMU listens there. */
export async function startQemu(boot: Boot): Promise<number> {
  const log = openSync(join(boot.folder, "qemu.log"), "a");
  const [program, ...args] = boot.survives ? ["qemu-system-x86_64"] : ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64"];
  const child = spawn(program ?? "", [...args, ...qemuArguments(boot)], { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.unref();
  await untilListening(boot.folder, child);
  if (boot.state) await continueState(monitorOf(boot.folder));
  return forwardedPort(boot.folder);
}

async function untilListening(folder: string, child: ChildProcess): Promise<void> {
  let failure: Error | undefined;
  child.once("error", (error) => (failure = error));
  while (!(await isListening(monitorOf(folder)))) {
    if (failure) throw failure;
    if (child.exitCode !== null) throw new Error(`QEMU ended with ${child.exitCode}: see ${join(folder, "qemu.log")}`);
    await sleep(20);
  }
}

async function forwardedPort(folder: string): Promise<number> {
  const network = await humanCommand(monitorOf(folder), "info usernet");
  const port = network.match(/TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/)?.[1];
  if (port === undefined) throw new Error(`QEMU forwards no port: ${network}`);
  return Number(port);
}
