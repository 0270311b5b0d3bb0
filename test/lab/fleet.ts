import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const Kernel = z.strictObject({ image: z.string(), headers: z.string() });
const MachineSpec = z.strictObject({ kernel: z.string(), builder: z.boolean().default(false) });
const Fleet = z
  .strictObject({
    release: z.string(),
    toolchain: z.array(z.string()),
    kernels: z.record(z.string(), Kernel),
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

/** One image per kernel; it carries the toolchain's packages when a builder boots that kernel. */
export function imageSpec(fleet: Fleet, kernel: string): ImageSpec {
  const isForBuilder = Object.values(fleet.machines).some((machine) => machine.builder && machine.kernel === kernel);
  const headers = Object.values(fleet.kernels).map((each) => each.headers);
  const image = fleet.kernels[kernel]?.image;
  if (image === undefined) throw new Error(`test/lab/fleet.yaml names no kernel ${kernel}`);
  return { name: `kernel-${kernel}`, kernel: image, cached: isForBuilder ? [...fleet.toolchain, ...headers] : [] };
}
