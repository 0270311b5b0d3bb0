import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import { kernelName } from "../kernel/module_name.ts";
import { readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** What the running kernel has against itself, and against one module. */
export interface KernelTrouble {
  /** Letters of all taint flags that are set, in the order of their bits; the bit's number where it has no letter. */
  readonly taint: readonly string[];
  /** What the kernel log of this boot says of trouble with the module, without times, each report up to the line that names it: the last 20. */
  readonly lines: readonly string[];
  /** Those of them that tell of damage, not of a load that the kernel refused, since kofleet loaded it last: of the build that is loaded. */
  readonly damage: readonly string[];
  /** Whether the kernel log could be read; otherwise nothing is known of `lines`. */
  readonly isReadable: boolean;
}

/** By bit, from Documentation/admin-guide/tainted-kernels.rst. */
export const taintLetters = [..."PFSRMBUDAWCIOELKXTNJ"];

// Read by grep -E, by any awk and by JavaScript alike: old mawk knows neither classes nor counts.
const reports = [
  "(watchdog: |NMI watchdog: )?BUG: ",
  "kernel BUG at ",
  "[Uu]nable to handle ",
  "(Oops: )?general protection fault[,:]",
  "(NMI )?watchdog: Watchdog detected hard LOCKUP",
  "(rcu: )?INFO: (task .* blocked for more than |rcu.*stall)",
  "UBSAN: ",
  "sysfs: cannot create duplicate filename ",
];
const warning = "^WARNING: ";
const trace = "^ *Call [Tt]race:";
const complaint =
  "^[A-Za-z0-9_]+: (disagrees about version of symbol |Unknown symbol |version magic |no symbol version for |exports duplicate symbol )";
const trouble = [`^(${reports.join("|")})`, "^(Internal error: )?Oops", " \\[#[0-9]+\\]", trace, complaint].join("|");

/**
 * For a shell that reads the kernel log: `tainted` prints the mask (dash's read takes a byte at a time, and numbers of
 * /proc/sys have no second one), and extended regular expressions that grep, sed and awk share: $stamp for what dmesg puts
 * before a message, $trouble for messages that tell of trouble, $warning for those that do so if a trace follows.
 * User programs' faults ("traps: x[1] general protection fault ip:…") are neither.
 */
export const kernelLogParts = `
tainted() { cat /proc/sys/kernel/tainted; }
export stamp='^(<[0-9]+>)?\\[ *[0-9]+\\.[0-9]+\\] ?(\\[ *[TC][0-9]+\\] ?)?'
export trouble='${trouble}'
warning='${warning}'
`;

/** $1 is the kernel's spelling of the module. */
const troubleScript = `${sayParts}${kernelLogParts}
say tainted "$(tainted)"
if log=$(dmesg 2>/dev/null); then
  say readable yes
  printf '%s\\n' "$log" | sed -E "s/$stamp//" | grep -E "$trouble|$warning|^---\\[ end trace|^kofleet: loading |/0x[0-9a-f]+ \\[$1( [0-9a-f]+)?\\]" | tail -n 300 | every log
fi
echo end
`;

function readTaint(mask: string): readonly string[] {
  if (!/^\d{1,20}$/.test(mask)) throw new FactError(`cannot read how the kernel is tainted: "${mask}" is not a mask`);
  const bits = [...BigInt(mask).toString(2)].reverse();
  return bits.flatMap((bit, index) => (bit === "1" ? [taintLetters[index] ?? String(index)] : []));
}

const opening = new RegExp(`^(?:${reports.join("|")})|${warning}|${complaint}`);
/** What the load step writes before it loads. */
const loading = "kofleet: loading ";
const traceOnly = new RegExp(trace);

/** The kernel's reports, each from its title on. Behind an oops's end its registers are repeated, which is no report. */
function reportsOf(lines: readonly string[]): readonly (readonly string[])[] {
  const found: string[][] = [];
  let open: string[] | undefined;
  for (const line of lines) {
    if (opening.test(line) || (open === undefined && traceOnly.test(line))) {
      open = [line];
      found.push(open);
    } else if (line.startsWith("---[ end trace") || line.startsWith(loading)) open = undefined;
    else open?.push(line);
  }
  return found;
}

const refusal = new RegExp(complaint);

/** The reports that name a module, each up to the line that does so. */
function involving(module: string, lines: readonly string[]): readonly (readonly string[])[] {
  const naming = new RegExp(`/0x[0-9a-f]+ \\[${module}(?: [0-9a-f]+)?\\]|^${module}: `);
  return reportsOf(lines).map((report) => report.slice(0, report.findIndex((line) => naming.test(line)) + 1));
}

/** What the running kernel has against a module that it loaded, or refused to load. */
export const kernelTrouble = (module: string): Fact<KernelTrouble> => ({
  name: `kernelTrouble ${kernelName(module)}`,
  command: ["sh", "-c", troubleScript, "sh", kernelName(module)],
  parse(answer) {
    const record = readRecord(answer, "what the kernel has against the module");
    const log = record.all("log").filter((line) => line !== "");
    const since = log.findLastIndex((line) => kernelName(line) === `${loading}${kernelName(module)}`);
    return {
      taint: readTaint(record.one("tainted")),
      lines: involving(kernelName(module), log).flat().slice(-20),
      damage: involving(kernelName(module), log.slice(since + 1))
        .filter(([title = ""]) => !refusal.test(title))
        .flat()
        .slice(-20),
      isReadable: record.optional("readable") !== undefined,
    };
  },
});
