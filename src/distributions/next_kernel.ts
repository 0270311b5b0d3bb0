/** What a host shows of its next boot. Undefined is "not there", an empty text is "there, and empty". */
export interface BootEvidence {
  /** K of every /boot/vmlinuz-K. */
  readonly kernels: readonly string[];
  /** GRUB_DEFAULT as grub-mkconfig sees it, after /etc/default/grub.d/*.cfg; empty where it is not set, undefined where the host has no grub.cfg. */
  readonly grubDefault?: string | undefined;
  /** saved_entry of grubenv. */
  readonly savedEntry?: string | undefined;
  /** next_entry of grubenv: for one boot only. */
  readonly nextEntry?: string | undefined;
  /** GRUB_FLAVOUR_ORDER or GRUB_TOP_LEVEL is set: the first menu entry need not be the newest kernel. */
  readonly isReordered?: boolean | undefined;
  /** GRUB_DISABLE_SUBMENU is set: all kernels stand in the first menu. */
  readonly isFlat?: boolean | undefined;
  /** What `grubby --default-kernel` printed. */
  readonly grubby?: string | undefined;
}
