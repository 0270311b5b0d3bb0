import type { Family } from "../core/host.ts";

const assignment = /^([A-Z][A-Z0-9_]*)=(.*)$/;

/** Takes the shell's quotes off a value: os-release(5) allows single and double ones, and a backslash before `$`, `"`, `\` and a backtick. */
function unquote(text: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(text);
  if (quoted?.[1] === "'") return quoted[2] ?? "";
  return (quoted?.[2] ?? text).replace(/\\([$"'\\`])/g, "$1");
}

/** The values of an os-release file by their names, as os-release(5) describes it. Lines that are no assignment are passed over. */
export function readOsRelease(lines: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const text of lines) {
    const [, name, value] = assignment.exec(text.trim()) ?? [];
    if (name !== undefined && value !== undefined) values.set(name, unquote(value));
  }
  return values;
}

const families: ReadonlyMap<string, Family> = new Map([
  ["debian", "debian"],
  ["ubuntu", "debian"],
  ["rhel", "redhat"],
  ["centos", "redhat"],
  ["fedora", "redhat"],
  ["suse", "suse"],
  ["opensuse", "suse"],
  ["sles", "suse"],
]);

/** The family that ID, or else the first known word of ID_LIKE, names. */
export function familyOf(release: ReadonlyMap<string, string>): Family {
  const words = `${release.get("ID") ?? ""} ${release.get("ID_LIKE") ?? ""}`.split(/\s+/);
  for (const word of words) {
    const family = families.get(word);
    if (family !== undefined) return family;
  }
  return "other";
}
