import type { Fact } from "../core/fact.ts";

/** A module's copy inside an initramfs. */
export interface InitramfsCopy {
  readonly srcversion: string | undefined;
  /** The linker's build id, in hex. */
  readonly buildId: string | undefined;
  /** sha256 of the module itself, uncompressed; dracut strips modules, so that it may differ from the file's. */
  readonly sha256: string;
}

/** The module in an initramfs: there is no image, the image is without it, or this copy of it. */
export type InitramfsModule = "no-image" | "absent" | InitramfsCopy;

/** The copy of a module inside the initramfs of one kernel. Slow: the image is read. */
export declare const initramfsModule: (module: string, kernel: string) => Fact<InitramfsModule>;

/** Whether the host's own lists tell its initramfs tool to embed the module. */
export declare const initramfsListed: (module: string) => Fact<boolean>;
