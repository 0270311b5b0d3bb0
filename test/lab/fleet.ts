import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const MachineSpec = z.strictObject({ kernel: z.string(), builder: z.boolean().default(false), firmware: z.literal("efi").optional() });
const ContainerSpec = z.strictObject({ builder: z.literal("only") });
const Fleet = z.strictObject({
  release: z.string(),
  toolchain: z.array(z.string()),
  support: z.array(z.string()),
  kernels: z.record(z.string(), z.string().startsWith("linux-image-")),
  machines: z.record(z.string(), MachineSpec),
  containers: z.record(z.string(), ContainerSpec),
});

/** Which machines there are, and what each boots. */
export type Fleet = z.output<typeof Fleet>;
export type MachineSpec = z.output<typeof MachineSpec>;

/** What an image is made of: packages (of a machine, the kernel first), and others that only lie in its apt cache. */
export interface ImageSpec {
  readonly name: string;
  readonly installed: readonly string[];
  readonly cached: readonly string[];
}

/** Reads `fleet.yaml`; throws with the place where it is wrong. */
export function readFleet(): Fleet {
  const file = new URL("fleet.yaml", import.meta.url);
  const parsed = Fleet.safeParse(parse(readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new Error(`test/lab/fleet.yaml: ${z.prettifyError(parsed.error)}`);
}

/** The fleet with every `*` in a kernel's name replaced, given the names of all packages. */
export function resolveKernels(fleet: Fleet, packages: ReadonlySet<string>): Fleet {
  const entries = Object.entries(fleet.kernels).map(([name, image]) => [name, oldest(image, packages)] as const);
  return { ...fleet, kernels: Object.fromEntries(entries) };
}

/** The image that a machine is a clone of; machines of the same kernel and role share it. */
export function imageSpec(fleet: Fleet, { kernel, builder }: MachineSpec): ImageSpec {
  const image = fleet.kernels[kernel];
  if (image === undefined) throw new Error(`test/lab/fleet.yaml names no kernel ${kernel}`);
  if (!builder) return { name: kernel, installed: [image], cached: [] };
  return { name: `${kernel}-builder`, installed: [image, ...fleet.support], cached: forBuilds(fleet) };
}

/** What containers run on: no kernel of their own. */
export const treeSpec = (fleet: Fleet): ImageSpec => ({ name: "container", installed: fleet.support, cached: forBuilds(fleet) });

const forBuilds = ({ toolchain, kernels }: Fleet): string[] => [...toolchain, ...Object.values(kernels).map(headersOf)];

/** Every image of the fleet, once. */
export function imageSpecs(fleet: Fleet): ImageSpec[] {
  const specs = Object.values(fleet.machines).map((machine) => imageSpec(fleet, machine));
  return [...new Map(specs.map((spec) => [spec.name, spec])).values()];
}

function oldest(image: string, packages: ReadonlySet<string>): string {
  const [before = "", after] = image.split("*");
  if (after === undefined) return image;
  const numbers = [...packages]
    .filter((name) => name.startsWith(before) && name.endsWith(after) && packages.has(headersOf(name)))
    .map((name) => name.slice(before.length, name.length - after.length))
    .filter((middle) => /^\d+$/.test(middle))
    .map(Number);
  if (numbers.length < 2) throw new Error(`the package mirror has no second kernel ${image} with headers`);
  return `${before}${Math.min(...numbers)}${after}`;
}

const headersOf = (image: string) => image.replace("linux-image-", "linux-headers-");
