import { FactError } from "../core/error.ts";
import type { Fact } from "../core/fact.ts";
import type { Host } from "../core/host.ts";
import { familyOf, readOsRelease } from "./os_release.ts";
import { readRecord } from "./record.ts";

const script = `
IFS= read -r boot < /proc/sys/kernel/random/boot_id
printf 'boot %s\\n' "$boot"
printf 'uname %s\\n' "$(uname -nrm)"
printf 'modules %s\\n' "$(cd -P /lib/modules 2>/dev/null && pwd)"
file=/etc/os-release
[ -r "$file" ] || file=/usr/lib/os-release
if [ -r "$file" ]; then
  while IFS= read -r line || [ -n "$line" ]; do printf 'os %s\\n' "$line"; done < "$file"
fi
echo end
`;

const subject = "the host's profile";

/** uname prints node name, release and machine; only the name, which comes first, could hold blanks. */
function readUname(text: string): Pick<Host, "hostname" | "kernel" | "architecture"> {
  const [, hostname, kernel, architecture] = /^(.*) (\S+) (\S+)$/.exec(text) ?? [];
  if (hostname === undefined || kernel === undefined || architecture === undefined) {
    throw new FactError(`cannot read ${subject}: uname printed "${text}"`);
  }
  return { hostname, kernel, architecture };
}

function readBootId(text: string): string {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) throw new FactError(`cannot read ${subject}: "${text}" is no boot id`);
  return text;
}

/** What is known of a host before any task asks; the inventory adds its name. */
export const hostProfile: Fact<Omit<Host, "name">> = {
  name: "hostProfile",
  command: ["sh", "-c", script],
  parse(answer) {
    const record = readRecord(answer, subject);
    const release = readOsRelease(record.all("os"));
    const distribution = release.get("ID") ?? "linux";
    return {
      ...readUname(record.one("uname")),
      bootId: readBootId(record.one("boot")),
      moduleFolder: record.optional("modules") ?? "/lib/modules",
      distribution,
      distributionVersion: release.get("VERSION_ID") ?? "",
      distributionTitle: release.get("PRETTY_NAME") ?? distribution,
      family: familyOf(release),
    };
  },
};
