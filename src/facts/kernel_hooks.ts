import type { Fact } from "../core/fact.ts";
import { kernelName } from "../kernel/module_name.ts";
import { filePattern } from "./module_file.ts";
import { readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** $1 is a name pattern that takes dashes for underscores. Where hooks of kernel packages lie: debian-policy's kernel hooks, and kernel-install(8). */
const script = `${sayParts}
grep -lsE "^[^#]*dkms +remove( .*)?[ /\\"']$1([ /\\"'].*)?$" /etc/kernel/postinst.d/* /etc/kernel/install.d/* /usr/lib/kernel/install.d/* /dev/null | every hook
echo end
`;

/** Hooks that take a module out of dkms whenever a kernel is installed, as dattobd's own package has one: paths. */
export const removingHooks = (module: string): Fact<readonly string[]> => ({
  name: `removingHooks ${kernelName(module)}`,
  command: ["sh", "-c", script, "sh", filePattern(module)],
  parse: (answer) => readRecord(answer, "the hooks of kernel packages").all("hook"),
});
