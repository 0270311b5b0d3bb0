/** A module's name as the kernel spells it in /proc/modules and /sys/module: underscores only. */
export const kernelName = (module: string): string => module.replaceAll("-", "_");

/** Whether two spellings name one module; modprobe takes dashes and underscores alike. */
export const isSameModule = (a: string, b: string): boolean => kernelName(a) === kernelName(b);
