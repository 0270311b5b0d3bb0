import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { cacheFolder, clientKey } from "./cache.ts";
import type { Place } from "./host.ts";
import { Machine } from "./machine.ts";
import { quit } from "./monitor.ts";
import { monitorOf } from "./qemu.ts";

const Owner = z.object({ pid: z.number(), started: z.string() });
const Record = z.object({ name: z.string(), port: z.number(), kernel: z.string(), builder: z.boolean() });

/** A fresh folder for a lab's machines. With an owner it is swept away by a later lab once this process is gone. */
export async function createInstance(name: string, isOwned: boolean): Promise<Place> {
  const folder = instanceFolder(name);
  if (existsSync(folder)) await removeInstance(name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (isOwned) await writeFile(join(folder, "owner.json"), JSON.stringify({ pid: process.pid, started: startTime(process.pid) }));
  await writeFile(join(folder, "known_hosts"), "");
  return placeOf(folder, await clientKey());
}

/** The machines that a lab of this name left running for people. */
export async function openInstance(name: string): Promise<Machine[]> {
  const folder = instanceFolder(name);
  if (!existsSync(folder)) return [];
  const place = placeOf(folder, await clientKey());
  const files = (await readdir(folder)).map((each) => join(folder, each, "machine.json")).filter((file) => existsSync(file));
  return Promise.all(files.map(async (file) => new Machine(Record.parse(JSON.parse(await readFile(file, "utf8"))), place)));
}

/** Ends the instance's machines through their monitors, and removes its folder. */
export async function removeInstance(name: string): Promise<void> {
  const folder = instanceFolder(name);
  if (!existsSync(folder)) return;
  const names = await readdir(folder);
  await Promise.all(names.map((each) => quit(monitorOf(join(folder, each)))));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes what labs left behind whose process is gone. */
export async function sweepInstances(): Promise<void> {
  const folder = join(cacheFolder(), "instances");
  const names = existsSync(folder) ? await readdir(folder) : [];
  await Promise.all(names.filter((name) => isOrphan(join(folder, name))).map(removeInstance));
}

export function instanceFolder(name: string): string {
  return join(cacheFolder(), "instances", name);
}

function placeOf(folder: string, key: string): Place {
  return { folder, key, knownHosts: join(folder, "known_hosts") };
}

function isOrphan(folder: string): boolean {
  const file = join(folder, "owner.json");
  if (!existsSync(file)) return false;
  const { pid, started } = Owner.parse(JSON.parse(readFileSync(file, "utf8")));
  return startTime(pid) !== started;
}

/** When a process started, in clock ticks since boot (field 22 of /proc/PID/stat); empty where there is none. With the pid it names one process. */
function startTime(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
