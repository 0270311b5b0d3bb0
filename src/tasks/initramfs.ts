import { z } from "zod";
import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import { change, type Step } from "../core/step.ts";
import { defineTask, type Plan, type Stop, stop } from "../core/task.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { distributionOf } from "../distributions/find.ts";
import { type InitramfsCopy, type InitramfsModule, initramfsListed, initramfsModule } from "../facts/initramfs.ts";
import { type Machine, machine } from "../facts/machine.ts";
import { type ModuleState, moduleState } from "../facts/module.ts";
import type { ModuleFile } from "../facts/module_file.ts";
import { type ModuleIndex, moduleIndex } from "../facts/module_index.ts";
import { kernelReleases, moduleName } from "./arguments.ts";
import { embeddingFile, embedStep, unlistStep } from "./initramfs_embedding.ts";
import { type Image, imageOf, isCurrent, spaceProblem } from "./initramfs_image.ts";
import { isStop, supportedDistribution } from "./supported.ts";

type Copies = Readonly<Record<`copy ${string}`, Fact<InitramfsModule>>>;
const copiesOf = (module: string, kernels: readonly string[]): Copies =>
  Object.fromEntries(kernels.map((kernel) => [`copy ${kernel}`, initramfsModule(module, kernel)]));

type Indexes = Readonly<Record<`index ${string}`, Fact<ModuleIndex>>>;
const indexesOf = (module: string, kernels: readonly string[]): Indexes =>
  Object.fromEntries(kernels.map((kernel) => [`index ${kernel}`, moduleIndex(module, kernel)]));

type Facts = Copies & Indexes & { readonly machine: Fact<Machine>; readonly state: Fact<ModuleState>; readonly isListed: Fact<boolean> };

const copyOf = ({ srcversion, buildId, sha256 }: ModuleFile): InitramfsCopy => ({ srcversion, buildId, sha256 });

const regenerate = (module: string, { kernel, file }: Image, distribution: Distribution, embed: boolean): Step => ({
  kind: "run",
  title: `regenerate the initramfs of ${kernel}`,
  argv: distribution.updateInitramfs(kernel),
  detached: true,
  changes: [change(initramfsModule(module, kernel), () => (embed && file ? copyOf(file) : "absent"))],
  undo: { restore: [distribution.initramfsImage(kernel)] },
});

/** What `bring` reads of the facts, and only where it needs it. */
interface Known {
  readonly machine: Machine;
  readonly isListed: boolean;
}

interface Wish {
  readonly module: string;
  readonly embed: boolean;
}

/** What stands against rewriting images that are not as they must be. */
function obstacle(stale: readonly Image[], { module, embed }: Wish, known: Known, host: Host): Stop | undefined {
  if (stale.length === 0) return undefined;
  const missing = embed ? stale.find(({ file }) => file === undefined) : undefined;
  if (missing)
    return stop("failed", `${module} has no file for ${missing.kernel} to embed: put it in place and run the task depmod before`);
  if (known.machine.initramfsTool === undefined)
    return stop("failed", `${host.name} has an initramfs, but neither update-initramfs nor dracut`);
  return spaceProblem(stale, known.machine);
}

function* bring(wish: Wish, images: readonly Image[], known: Known, inputs: { readonly list: string }, host: Host): Plan {
  const distribution = supportedDistribution(host);
  if (isStop(distribution)) return distribution;
  const { module, embed } = wish;
  const { isListed } = known;
  const stale = images.filter((image) => !isCurrent(image, embed) || (isListed && !embed && typeof image.copy === "object"));
  const refusal = obstacle(stale, wish, known, host);
  if (refusal) return refusal;
  const embedding = distribution.initramfsEmbedFile(module);
  if (embed && !isListed) yield embedStep(embedding, module, inputs.list);
  if (!embed && isListed) yield unlistStep(embedding, module);
  for (const image of stale) yield regenerate(module, image, distribution, embed);
  return undefined;
}

/** Has the build of a module that lies on disk in the initramfs of kernels, or only no other build of it. */
export const initramfs = defineTask({
  name: "initramfs",
  summary: "Has a module in the initramfs of kernels, in the build that lies on disk; regenerates an image only where it differs.",
  args: z.strictObject({
    module: moduleName,
    kernels: kernelReleases,
    embed: z.boolean().default(true).describe("false: it is not embedded, and no stale copy stays in an image"),
  }),
  facts: ({ module, kernels }): Facts => ({
    machine,
    state: moduleState(module),
    isListed: initramfsListed(module),
    ...indexesOf(module, kernels),
    ...copiesOf(module, kernels),
  }),
  inputs: ({ module }, host) => ({ list: embeddingFile(distributionOf(host), module) }),
  *plan({ module, kernels, embed }, facts, inputs, host) {
    const images = kernels.map((kernel) => imageOf(kernel, facts[`copy ${kernel}`], facts.state, facts[`index ${kernel}`]));
    return yield* bring({ module, embed }, images, facts, inputs, host);
  },
  result: ({ kernels }, facts) => ({ images: Object.fromEntries(kernels.map((kernel) => [kernel, facts[`copy ${kernel}`]])) }),
});
