import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { offersKvm, probeAccelerator } from "./accelerator.ts";
import { type AptSettings, aptSettings, candidateVersions } from "./apt.ts";
import { cacheFolder, clientKey } from "./cache.ts";
import type { ImageSpec } from "./fleet.ts";
import { whileLocked } from "./lock.ts";
import { quit, saveState } from "./monitor.ts";
import { during, progress } from "./progress.ts";
import { type Boot, hardwareArguments, monitorOf, startQemu } from "./qemu.ts";
import { contained, expectRun } from "./run.ts";
import { ssh, untilSsh } from "./ssh.ts";

const ImageFile = z.object({ accelerator: z.enum(["kvm", "tcg"]), release: z.string(), hostKey: z.string() });

/** A booted machine, frozen: clones continue from `state` on a layer over `disk`. */
export interface Image extends z.output<typeof ImageFile> {
  readonly folder: string;
}

const recipe = ["base.sh", "kernel.sh", "disk.sh"] as const;
type Recipe = (typeof recipe)[number] | "container.sh";
const script = (name: Recipe) => new URL(`recipe/${name}`, import.meta.url).pathname;

async function cook(name: Recipe, args: readonly string[]): Promise<void> {
  const [program, ...words] = contained;
  await expectRun(program, [...words, "sh", script(name), ...args]);
}

/** The images, built where the cache lacks them. */
export async function ensureImages(release: string, specs: readonly ImageSpec[]): Promise<Image[]> {
  const key = await clientKey();
  const settings = await aptSettings(release);
  const folders = await Promise.all(specs.map((spec) => imageFolder(release, spec, settings)));
  await ensureFolders(folders, settings, async (work) => {
    await during("base system: packages", () => cook("base.sh", [join(work, "base"), release, work]));
    const built = await Promise.allSettled(specs.map((spec, index) => buildImage(spec, work, folders[index] ?? "", key)));
    const failed = built.find((each) => each.status === "rejected");
    if (failed) throw failed.reason;
  });
  return Promise.all(folders.map(readImage));
}

/** The root folder that containers run on, built where the cache lacks it. */
export async function ensureTree(release: string, spec: ImageSpec): Promise<string> {
  const settings = await aptSettings(release);
  const folder = folderOf(spec, ["container.sh"], [release, spec, settings, await versionsOf(spec), await publicKey()]);
  await ensureFolders([folder], settings, async (work) => {
    const tree = join(work, spec.name);
    const build = () => cook("container.sh", [tree, release, work, spec.installed.join(" "), ...spec.cached]);
    await during(`image ${spec.name}: ${[...spec.installed, ...spec.cached].join(", ")}`, build);
    await complete(tree, folder);
  });
  return folder;
}

/** Has `build` make the folders that the cache lacks. Only one process builds at a time; the others wait and then find them. */
async function ensureFolders(folders: readonly string[], settings: AptSettings, build: (work: string) => Promise<void>): Promise<void> {
  const isComplete = () => folders.every((folder) => existsSync(folder));
  if (isComplete()) return;
  const isBusy = () => progress("another process is building the images: waiting for it");
  await whileLocked(cacheFolder(), isBusy, async () => {
    if (isComplete()) return;
    if (process.getuid?.() !== 0) throw new Error("the lab's images are built once, as root: run `sudo -E npm run lab -- images`");
    const work = await emptyWorkFolder(settings);
    await build(work);
    await rm(work, { recursive: true });
  });
}

async function readImage(folder: string): Promise<Image> {
  return { folder, ...ImageFile.parse(JSON.parse(await readFile(join(folder, "image.json"), "utf8"))) };
}

async function imageFolder(release: string, spec: ImageSpec, settings: AptSettings): Promise<string> {
  const machine = hardwareArguments("tcg");
  const qemu = await expectRun("qemu-system-x86_64", ["--version"]);
  const versions = await versionsOf(spec);
  return folderOf(spec, recipe, [release, spec, settings, versions, machine, qemu, offersKvm(), await publicKey(), firstBoot, saving]);
}

const versionsOf = ({ installed, cached }: ImageSpec): Promise<string[]> => candidateVersions([...installed, ...cached]);
const publicKey = async (): Promise<string> => readFile(`${await clientKey()}.pub`, "utf8");

/** Where an image is kept that those recipes make of all that. */
function folderOf({ name }: ImageSpec, recipes: readonly Recipe[], ingredients: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (const each of recipes) hash.update(readFileSync(script(each)));
  hash.update(JSON.stringify(ingredients));
  return join(cacheFolder(), "images", `${name}-${hash.digest("hex").slice(0, 16)}`);
}

async function emptyWorkFolder(settings: AptSettings): Promise<string> {
  await mkdir(join(cacheFolder(), "images"), { recursive: true, mode: 0o700 });
  for (const name of await readdir(cacheFolder())) {
    if (name.startsWith("building-")) await sweepWorkFolder(join(cacheFolder(), name));
  }
  const work = join(cacheFolder(), `building-${process.pid}`);
  await mkdir(work);
  await writeFile(join(work, "sources.list"), settings.sources);
  await writeFile(join(work, "apt.conf"), settings.guest);
  await writeFile(join(work, "apt.conf.host"), settings.host);
  await writeFile(join(work, "client.pub"), await publicKey());
  return work;
}

/** What a build left behind that was killed: loop devices outlive it. */
async function sweepWorkFolder(folder: string): Promise<void> {
  const devices = await expectRun("losetup", ["--list", "--noheadings", "--output", "NAME,BACK-FILE"]);
  for (const line of devices.split("\n")) {
    const [device = "", file] = line.split(/\s+/);
    if (file?.startsWith(`${folder}/`)) await expectRun("losetup", ["--detach", device]);
  }
  await expectRun("rm", ["-rf", "--one-file-system", folder]);
}

async function buildImage(spec: ImageSpec, work: string, destination: string, key: string): Promise<void> {
  if (existsSync(destination)) return;
  const tree = join(work, `${spec.name}.tree`);
  const folder = join(work, spec.name);
  await mkdir(folder);
  const kernel = () => cook("kernel.sh", [join(work, "base"), tree, spec.installed.join(" "), ...spec.cached]);
  await during(`image ${spec.name}: ${[...spec.installed, ...spec.cached].join(", ")}`, kernel);
  const disk = during(`image ${spec.name}: disk`, () => cook("disk.sh", [tree, join(folder, "disk")]));
  const [accelerator] = await Promise.all([probeAccelerator(join(tree, "vmlinuz")), disk]);
  const hostKey = (await readFile(join(tree, "etc/ssh/ssh_host_ed25519_key.pub"), "utf8")).trim();
  const release = await during(`image ${spec.name}: first boot (${accelerator})`, () =>
    freeze({ folder, disk: join(folder, "disk"), accelerator }, hostKey, key),
  );
  await writeFile(join(folder, "image.json"), JSON.stringify({ accelerator, release, hostKey } satisfies z.output<typeof ImageFile>));
  await complete(folder, destination);
}

/** Puts what was built aside where it is looked for. */
async function complete(folder: string, destination: string): Promise<void> {
  await expectRun("sync", ["-f", folder]);
  await rename(folder, destination);
}

/** The real grub.cfg, with the machine's own disk; and what programs and modules every test reads is in memory, as on a host that has been up for a while. */
const firstBoot = "systemctl is-system-running --wait; update-grub && lsmod >/dev/null && depmod -n >/dev/null && sync && uname -r";

/** Names how `saveState` saves: what was saved in another way is not continued. */
const saving = "stopped before";

async function freeze(boot: Boot, hostKey: string, key: string): Promise<string> {
  const { folder } = boot;
  const port = await startQemu(boot);
  try {
    const login = await imageLogin(folder, port, hostKey, key);
    await untilSsh(login, "true", 3_600_000);
    const answer = await ssh(login, firstBoot);
    if (answer.code !== 0) throw new Error(`the first boot failed: ${answer.stderr}`);
    await saveState(monitorOf(folder), join(folder, "state"));
    return answer.stdout.trim().split("\n").at(-1) ?? "";
  } finally {
    await quit(monitorOf(folder));
  }
}

/** The login of a machine that still has its image's host key. */
export async function imageLogin(folder: string, port: number, hostKey: string, key: string): Promise<Parameters<typeof ssh>[0]> {
  const knownHosts = join(folder, "image_known_hosts");
  await writeFile(knownHosts, `image ${hostKey}\n`);
  return { port, user: "root", key, knownHosts, alias: "image" };
}
