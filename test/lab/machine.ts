import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { database, databaseOf, makeFirmware } from "./efi.ts";
import type { MachineSpec } from "./fleet.ts";
import { Host, type HostRecord, type Place } from "./host.ts";
import { type Image, imageLogin } from "./image.ts";
import { command, humanCommand, isListening, quit } from "./monitor.ts";
import { monitorOf, startQemu } from "./qemu.ts";
import { expectRun } from "./run.ts";
import { untilSsh } from "./ssh.ts";

/** Milliseconds. It only ends what hangs: how long a start takes is up to the machine that emulates it. */
const startDeadline = 1_800_000;

/** What is known of a machine, as it lies in its folder for later commands. */
export interface MachineRecord extends HostRecord {
  readonly kernel: string;
  readonly builder: boolean;
}

/** One running (or powered off) virtual machine. */
export class Machine extends Host<MachineRecord> {
  get monitor(): string {
    return monitorOf(join(this.place.folder, this.name));
  }

  /** Reboots, through GRUB where it has no firmware that knows better, and waits for ssh with another boot id. */
  async reboot(): Promise<void> {
    const before = await this.read("cat /proc/sys/kernel/random/boot_id");
    await this.ssh("systemctl reboot");
    await untilSsh(this.login(), `test "$(cat /proc/sys/kernel/random/boot_id)" != ${before}`, startDeadline);
  }

  /** Has its EFI firmware, and so its kernel, trust this certificate (DER) and no other from its next start on, and reboots it. */
  async trust(certificate: Uint8Array): Promise<void> {
    const variable = `/sys/firmware/efi/efivars/${database}`;
    await this.read(
      `echo ${databaseOf(certificate).toString("base64")} | base64 -d > /run/db && dd if=/run/db of=${variable} bs=64k status=none`,
    );
    await this.reboot();
  }

  /** Pulls the network cable: open connections fall silent, new ones are accepted by the emulator and then say nothing. */
  async cut(): Promise<void> {
    await command(this.monitor, "set_link", { name: "nic", up: false });
  }

  /** Plugs the cable in again: connections that still wait go on. */
  async mend(): Promise<void> {
    await command(this.monitor, "set_link", { name: "nic", up: true });
  }

  /** Ends every ssh connection to the machine but this one, as a restarted firewall would; what they ran gets SIGHUP or SIGPIPE. */
  async hangUp(): Promise<void> {
    await this.ssh('for pid in $(pgrep -x sshd); do case " $(cat /run/sshd.pid) $PPID " in *" $pid "*) ;; *) kill -9 "$pid" ;; esac; done');
  }

  /** From now on new connections are refused; open ones go on. `accept` ends it. */
  async refuse(): Promise<void> {
    await humanCommand(this.monitor, `hostfwd_remove net tcp:127.0.0.1:${this.port}`);
  }

  async accept(): Promise<void> {
    await humanCommand(this.monitor, `hostfwd_add net tcp:127.0.0.1:${this.port}-:22`);
  }

  /** As if the power failed: connections are reset, new ones refused. It can't be started again. */
  async powerOff(): Promise<void> {
    await quit(this.monitor);
  }

  isRunning(): Promise<boolean> {
    return isListening(this.monitor);
  }
}

/** Continues an image's frozen machine, or boots one with firmware, on a disk layer of its own and makes it `record.name`: host key, names, clock. */
export async function cloneMachine(
  image: Image,
  name: string,
  { builder, firmware }: Pick<MachineSpec, "builder" | "firmware">,
  place: Place,
  survives: boolean,
): Promise<Machine> {
  const folder = join(place.folder, name);
  await mkdir(folder, { recursive: true });
  const disk = join(folder, "disk");
  await expectRun("qemu-img", ["create", "-q", "-f", "qcow2", "-b", join(image.folder, "disk"), "-F", "qcow2", disk]);
  const port = await startQemu({
    folder,
    disk,
    accelerator: image.accelerator,
    ...(firmware === "efi" ? { firmware: await makeFirmware(folder, image) } : { state: join(image.folder, "state") }),
    ...(survives ? { survives } : {}),
  });
  const hostKey = await makeHostKey(folder);
  const login = await imageLogin(folder, port, image.hostKey, place.key);
  const line = `sh -c '${individualise}' lab ${name} ${randomBytes(16).toString("hex")}`;
  await untilSsh(login, line, startDeadline, await readFile(join(folder, "host_key"), "utf8"));
  await appendFile(place.knownHosts, `[127.0.0.1]:${port} ${hostKey}\n`);
  const machine = new Machine({ name, port, kernel: image.release, builder }, place);
  await writeFile(join(folder, "machine.json"), JSON.stringify(machine.record));
  return machine;
}

// The frozen clock stands still, the emulated hardware clock does not. sshd writes its pid again once it listens with the new key.
const individualise = `set -eu
umask 077
cat >/etc/ssh/ssh_host_ed25519_key
ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub
date -u -s "@$(cat /sys/class/rtc/rtc0/since_epoch)" >/dev/null
echo "$1" >/etc/hostname
hostname "$1"
echo "127.0.0.1 localhost $1" >/etc/hosts
echo "$2" >/etc/machine-id
sshd=$(cat /run/sshd.pid)
rm /run/sshd.pid
kill -HUP "$sshd"
until [ -s /run/sshd.pid ]; do sleep 0.05; done
`;

/** A new host key in the file `host_key` of that folder; its public half. */
export async function makeHostKey(folder: string): Promise<string> {
  const file = join(folder, "host_key");
  await rm(file, { force: true });
  await expectRun("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
  return (await readFile(`${file}.pub`, "utf8")).trim();
}
