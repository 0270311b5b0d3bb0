import { linuxPackages } from "./apt.ts";
import { Container } from "./container.ts";
import { type Fleet, imageSpec, imageSpecs, readFleet, resolveKernels, treeSpec } from "./fleet.ts";
import type { HostRecord, Place } from "./host.ts";
import { ensureImages, ensureTree, type Image } from "./image.ts";
import { createInstance, removeInstance, sweepInstances } from "./instance.ts";
import { type InventoryOptions, writeInventory } from "./inventory.ts";
import { cloneMachine, type Machine } from "./machine.ts";
import { ensureContainers, ensurePrograms } from "./prerequisites.ts";
import { during } from "./progress.ts";

/** The password of the machines' user `admin`, whose sudo asks for it. */
export const adminPassword = "lab";

export interface LabOptions {
  /** Names out of fleet.yaml; all but those with EFI firmware where absent. */
  readonly machines?: readonly string[];
  /** The same of containers; none where absent. They need root. */
  readonly containers?: readonly string[];
  /** Of the folder in the cache; a lab of the same name is replaced. */
  readonly name?: string;
  /** The machines outlive this process. Otherwise they die with it, even by SIGKILL. */
  readonly survives?: boolean;
}

let count = 0;

/** A fleet of running machines with fresh disks. */
export class Lab {
  private constructor(
    readonly name: string,
    readonly place: Place,
    readonly machines: Readonly<Record<string, Machine>>,
    readonly containers: Readonly<Record<string, Container>>,
  ) {}

  /** Boots clones of the fleet's machines, building images first where the cache lacks them. */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const { name = `test-${process.pid}-${++count}`, survives = false } = options;
    await ensurePrograms();
    await sweepInstances();
    const fleet = readFleet();
    const names = options.machines ?? Object.keys(fleet.machines).filter((each) => fleet.machines[each]?.firmware === undefined);
    const boxes = containersOf(fleet, options.containers ?? []);
    const images = await imagesOf(fleet, names);
    const tree = boxes.length > 0 ? await treeOf(fleet) : "";
    const place = await createInstance(name, !survives);
    try {
      const machines = await during(`starting ${names.join(", ")}`, () => startAll(fleet, names, images, place, survives));
      const containers = await Promise.all(boxes.map((box) => Container.start(tree, name, box, place)));
      return new Lab(name, place, machines, Object.fromEntries(containers.map((each) => [each.name, each])));
    } catch (error) {
      await removeInstance(name);
      throw error;
    }
  }

  /** The machine of that name; throws where this lab has none. */
  machine(name: string): Machine {
    const machine = this.machines[name];
    if (!machine) throw new Error(`this lab has no machine ${name}, only ${Object.keys(this.machines).join(", ")}`);
    return machine;
  }

  /** The container of that name; throws where this lab has none. */
  container(name: string): Container {
    const container = this.containers[name];
    if (!container) throw new Error(`this lab has no container ${name}`);
    return container;
  }

  /** The file with every host's key. */
  get knownHosts(): string {
    return this.place.knownHosts;
  }

  /** Writes an inventory of the fleet and returns its path. */
  inventory(options: InventoryOptions = {}): Promise<string> {
    return writeInventory(this.place, [...Object.values(this.machines), ...Object.values(this.containers)], options);
  }

  /** Ends the machines and removes their disks. */
  async stop(): Promise<void> {
    await Promise.all(Object.values(this.containers).map((container) => container.stop()));
    await removeInstance(this.name);
  }
}

/** Builds what the cache lacks, without starting anything. */
export async function prepareImages(): Promise<void> {
  await ensurePrograms();
  const fleet = readFleet();
  await imagesOf(fleet, Object.keys(fleet.machines));
}

/** All images of the fleet at once, by their names, so that a lab of one machine doesn't leave a second long build to the next. */
async function imagesOf(fleet: Fleet, names: readonly string[]): Promise<Map<string, Image>> {
  const unknown = names.filter((name) => !(name in fleet.machines));
  if (unknown.length > 0) throw new Error(`test/lab/fleet.yaml has no machine ${unknown.join(", ")}`);
  const specs = imageSpecs(await resolved(fleet));
  const images = await ensureImages(fleet.release, specs);
  return new Map(specs.flatMap(({ name }, index) => (images[index] ? [[name, images[index]]] : [])));
}

const resolved = async (fleet: Fleet): Promise<Fleet> => resolveKernels(fleet, await linuxPackages());

function containersOf(fleet: Fleet, names: readonly string[]): Omit<HostRecord, "port">[] {
  return names.map((name) => {
    const spec = fleet.containers[name];
    if (spec === undefined) throw new Error(`test/lab/fleet.yaml has no container ${name}`);
    return { name, ...spec };
  });
}

/** What containers run on. */
async function treeOf(fleet: Fleet): Promise<string> {
  await ensureContainers();
  return ensureTree(fleet.release, treeSpec(await resolved(fleet)));
}

async function startAll(fleet: Fleet, names: readonly string[], images: ReadonlyMap<string, Image>, place: Place, survives: boolean) {
  const started = await Promise.allSettled(names.map((name) => startOne(fleet, name, images, place, survives)));
  const failed = started.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
  return Object.fromEntries(started.flatMap((each) => (each.status === "fulfilled" ? [[each.value.name, each.value]] : [])));
}

function startOne(fleet: Fleet, name: string, images: ReadonlyMap<string, Image>, place: Place, survives: boolean): Promise<Machine> {
  const spec = fleet.machines[name];
  const image = spec && images.get(imageSpec(fleet, spec).name);
  if (!image) throw new Error(`no image for ${name}`);
  return cloneMachine(image, name, spec, place, survives);
}
