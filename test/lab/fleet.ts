import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const MachineSpec = z.strictObject({ kernel: z.string(), builder: z.boolean().default(false) });
const Fleet = z
  .strictObject({
    release: z.string(),
    toolchain: z.array(z.string()),
    kernels: z.record(z.string(), z.string().startsWith("linux-image-")),
    machines: z.record(z.string(), MachineSpec),
  })
  .refine((fleet) => Object.values(fleet.machines).every(({ kernel }) => kernel in fleet.kernels), "a machine names an unknown kernel");

/** Which machines there are, and what each boots. */
export type Fleet = z.output<typeof Fleet>;
export type MachineSpec = z.output<typeof MachineSpec>;

/** What an image is made of: a kernel, and the packages that only lie in its apt cache. */
export interface ImageSpec {
  readonly name: string;
  readonly kernel: string;
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

/** One image per kernel; it carries the toolchain's packages when a builder boots that kernel. */
export function imageSpecs(fleet: Fleet): ImageSpec[] {
  const headers = Object.values(fleet.kernels).map(headersOf);
  return Object.entries(fleet.kernels).map(([name, kernel]) => {
    const isForBuilder = Object.values(fleet.machines).some((machine) => machine.builder && machine.kernel === name);
    return { name: `kernel-${name}`, kernel, cached: isForBuilder ? [...fleet.toolchain, ...headers] : [] };
  });
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
