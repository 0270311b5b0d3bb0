import type { Fact } from "../core/fact.ts";
import type { Compression } from "../kernel/compression.ts";

/** A kernel that the host could boot: its vmlinuz is in /boot or in its module folder. */
export interface InstalledKernel {
  /** What `uname -r` prints once it runs. */
  readonly release: string;
  /** Name of the package that owns its vmlinuz; undefined: no package does. */
  readonly package: string | undefined;
  /** Version of that package; of an unowned kernel `build-id:` and the id in /sys/kernel/notes, which only the running kernel tells. */
  readonly packageVersion: string | undefined;
  /** Whether modules can be built for it here: its `build` link leads to a Makefile and generated headers. */
  readonly hasHeaders: boolean;
  /** CONFIG_CC_VERSION_TEXT of its configuration. */
  readonly compiler: string | undefined;
  /** vermagic of its own modules; undefined where it has none to look at. */
  readonly vermagic: string | undefined;
  /** Bytes of its initramfs; undefined: it has none. */
  readonly initramfsBytes: number | undefined;
}

/** A host as a place for kernel modules. */
export interface Machine {
  /** The running kernel's release. */
  readonly running: string;
  /** The release that boots next; undefined where the boot loader's files are not conclusive. */
  readonly next: string | undefined;
  readonly kernels: readonly InstalledKernel[];
  /** Releases that modules can be built for here, with or without their kernel. */
  readonly headers: readonly string[];
  /** First line of `gcc --version`, or of `cc --version` where there is no gcc. */
  readonly compiler: string | undefined;
  /** First line of `make --version`. */
  readonly make: string | undefined;
  /** What `dkms --version` prints, such as "dkms-3.0.10". */
  readonly dkms: string | undefined;
  readonly packageManager: "apt" | "dnf" | "zypper" | undefined;
  /** Bytes that root may still write, by the filesystems of /boot, /lib/modules and /var/lib/dkms. */
  readonly freeBytes: { readonly boot: number; readonly modules: number; readonly dkms: number };
  readonly initramfsTool: "update-initramfs" | "dracut" | undefined;
  /** How its own modules are compressed, and what its modprobe reads. */
  readonly compression: { readonly used: Compression; readonly supported: readonly Compression[] };
  /** undefined: it boots by EFI, and the variable could not be read. */
  readonly secureBoot: boolean | undefined;
  /** Whether the running kernel refuses modules that are not signed by an enrolled key. */
  readonly signatureEnforced: boolean;
  /** The kind of container it is, such as "lxc"; undefined: it has a kernel of its own. */
  readonly container: string | undefined;
  readonly bootId: string;
  /** vermagic of the running kernel's own modules. */
  readonly vermagic: string | undefined;
}

/** The host as a place for kernel modules. */
export declare const machine: Fact<Machine>;
