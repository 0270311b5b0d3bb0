import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Table from "cli-table3";
import { Command } from "commander";
import { openInstance, removeInstance } from "./instance.ts";
import { Lab, prepareImages } from "./lab.ts";
import type { Machine } from "./machine.ts";
import { progress } from "./progress.ts";
import { sshArguments } from "./ssh.ts";

const instance = "up";
const program = new Command("lab").description("The fleet of virtual machines that kofleet is tested on").enablePositionalOptions();

program
  .command("up")
  .argument("[machines...]", "names out of fleet.yaml; all where absent")
  .description("start fresh machines that live on until `down`")
  .action(async (machines: string[]) => {
    const lab = await Lab.start({ name: instance, survives: true, ...(machines.length > 0 ? { machines } : {}) });
    console.log(await lab.inventory({ vars: { ansible_ssh_common_args: `-o UserKnownHostsFile=${lab.knownHosts}` } }));
  });

program
  .command("down")
  .description("end the machines and remove their disks")
  .action(() => removeInstance(instance));

program
  .command("status")
  .description("what runs")
  .action(async () => {
    const rows = await Promise.all((await openInstance(instance)).map(row));
    const table = new Table({ head: ["machine", "kernel", "port", "state", "memory"], style: { head: [], border: [] } });
    table.push(...rows);
    console.log(rows.length > 0 ? table.toString() : "no machine runs: npm run lab -- up");
  });

program
  .command("ssh")
  .argument("<name>")
  .argument("[command...]")
  .option("-u, --user <user>", "root, deploy or admin", "root")
  .passThroughOptions()
  .description("log in, or run one command")
  .action(async (name: string, command: string[], { user }: { user: string }) => {
    const machine = (await openInstance(instance)).find((each) => each.name === name);
    if (!machine) throw new Error(`no machine ${name} runs: npm run lab -- up`);
    const child = spawn("ssh", [...sshArguments({ ...machine.login(), user }), ...command], { stdio: "inherit" });
    await once(child, "close");
    process.exitCode = child.exitCode ?? 1;
  });

program.command("images").description("build the images that the cache lacks, as root").action(prepareImages);

async function row(machine: Machine): Promise<string[]> {
  const isRunning = await machine.isRunning();
  const { name, port, kernel } = machine.record;
  return [name, kernel, String(port), isRunning ? "running" : "off", isRunning ? memory(machine) : ""];
}

function memory(machine: Machine): string {
  const pid = readFileSync(join(dirname(machine.monitor), "pid"), "utf8").trim();
  const kilobytes = readFileSync(`/proc/${pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)?.[1];
  return kilobytes ? `${Math.round(Number(kilobytes) / 1024)} MiB` : "?";
}

program.parseAsync().catch((error: Error) => {
  progress(error.message);
  process.exitCode = 1;
});
