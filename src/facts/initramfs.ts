import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { isSameModule, kernelName } from "../kernel/module_name.ts";
import { initramfsScript } from "./initramfs_script.ts";
import { filePattern, findBuildId, readModinfos } from "./module_file.ts";
import { type FactRecord, readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** A module's copy inside an initramfs. */
export interface InitramfsCopy {
  readonly srcversion: string | undefined;
  /** The linker's build id, in hex. */
  readonly buildId: string | undefined;
  /** sha256 of the copy itself, uncompressed; dracut strips modules, so that it may differ from the file's. undefined: it can't be uncompressed. */
  readonly sha256: string | undefined;
}

/** The module in an initramfs: there is no image, the image is without it, or this copy of it. */
export type InitramfsModule = "no-image" | "absent" | InitramfsCopy;

function readCopy(record: FactRecord): InitramfsCopy | undefined {
  const digest = record.optional("copy");
  if (digest === undefined) return undefined;
  if (!/^(?:[0-9a-f]{64}|-)$/.test(digest)) throw new FactError(`cannot read the module in the initramfs: "${digest}" is no sha256`);
  const [identity] = readModinfos(record.all("modinfo")).values();
  return {
    srcversion: identity?.srcversion,
    buildId: findBuildId(record.all("note")),
    sha256: digest === "-" ? undefined : digest,
  };
}

/** The copy of a module inside the initramfs of one kernel. Slow: the image is read, seconds on a small machine. */
export const initramfsModule = (module: string, kernel: string): Fact<InitramfsModule> => ({
  name: `initramfsModule ${kernelName(module)} ${kernel}`,
  command: ["sh", "-c", initramfsScript, "sh", filePattern(module), kernel],
  slow: true,
  parse(answer) {
    const record = readRecord(answer, `the initramfs of ${kernel}`);
    const image = record.optional("image");
    if (image === undefined) return "no-image";
    const problem = record.optional("problem");
    if (problem !== undefined) throw new FactError(`cannot look into ${image}: ${problem}`);
    return readCopy(record) ?? "absent";
  },
});

/** The lists of initramfs-tools, and the settings of dracut that name drivers. */
const listScript = `${sayParts}
[ -r /etc/initramfs-tools/modules ] && every module < /etc/initramfs-tools/modules
grep -hsE '^[[:space:]]*(add_drivers|force_drivers|drivers)\\+?=' /etc/dracut.conf /etc/dracut.conf.d/*.conf /usr/lib/dracut/dracut.conf.d/*.conf /dev/null | every dracut
echo end
`;

/** The first word of a line of initramfs-tools, behind which parameters may follow. */
const listedName = (line: string): string => line.trim().split(/\s/)[0] ?? "";

const driverNames = (line: string): readonly string[] =>
  line
    .slice(line.indexOf("=") + 1)
    .replaceAll(/["']/g, " ")
    .split(/\s+/);

/** Whether the host's own lists tell its initramfs tool to embed the module. */
export const initramfsListed = (module: string): Fact<boolean> => ({
  name: `initramfsListed ${kernelName(module)}`,
  command: ["sh", "-c", listScript],
  parse(answer) {
    const record = readRecord(answer, "the list of modules for the initramfs");
    const names = [...record.all("module").map(listedName), ...record.all("dracut").flatMap(driverNames)];
    return names.some((name) => isSameModule(name, module));
  },
});
