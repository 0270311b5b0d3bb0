import { type Stop, stop } from "../core/task.ts";
import type { InitramfsCopy, InitramfsModule } from "../facts/initramfs.ts";
import type { Machine } from "../facts/machine.ts";
import type { ModuleState } from "../facts/module.ts";
import { type ModuleFile, placeOf } from "../facts/module_file.ts";
import type { ModuleIndex } from "../facts/module_index.ts";

/** Whether the copy is the same build as the file: dracut strips modules, so that their bytes may differ. */
function isSameBuild(copy: InitramfsCopy, file: ModuleFile): boolean {
  if (copy.sha256 !== undefined && copy.sha256 === file.sha256) return true;
  if (copy.buildId !== undefined || file.buildId !== undefined) return copy.buildId === file.buildId && copy.srcversion === file.srcversion;
  return copy.srcversion !== undefined && copy.srcversion === file.srcversion;
}

/** What must be in the image of one kernel, and what is. */
export interface Image {
  readonly kernel: string;
  readonly copy: InitramfsModule;
  readonly file: ModuleFile | undefined;
}

/** Whether an image needs no rewriting; `embed` says whether the module belongs into it. */
export function isCurrent({ copy, file }: Image, embed: boolean): boolean {
  if (copy === "no-image") return true;
  if (copy === "absent") return !embed;
  return file !== undefined && isSameBuild(copy, file);
}

const mebibyte = 2 ** 20;

/** Why there is not room enough to rewrite images. While one is rewritten the old one is still there. */
export function spaceProblem(images: readonly Image[], { kernels, freeBytes: { boot } }: Machine): Stop | undefined {
  const sizes = images.map(({ kernel }) => kernels.find(({ release }) => release === kernel)?.initramfsBytes ?? 0);
  const needed = Math.ceil(1.3 * Math.max(...sizes) + 16 * mebibyte);
  if (boot >= needed) return undefined;
  const inMebibytes = (bytes: number) => `${Math.floor(bytes / mebibyte)} MiB`;
  return stop("blocked", `/boot has ${inMebibytes(boot)} free, but rewriting an initramfs takes ${inMebibytes(needed)}: make room there`);
}

/** The image of a kernel beside the file that modprobe would take there, or else any. */
export function imageOf(kernel: string, copy: InitramfsModule | undefined, state: ModuleState, index: ModuleIndex | undefined): Image {
  const files = state.files.filter((file) => file.kernel === kernel && file.vermagic !== undefined);
  return { kernel, copy: copy ?? "absent", file: files.find((file) => placeOf(file) === index?.listed) ?? files[0] };
}
