import { expectRun, run } from "./run.ts";

/** What the guests' apt is told: the sources, and its settings as a guest and as the building machine need them. */
export interface AptSettings {
  readonly sources: string;
  readonly guest: string;
  readonly host: string;
}

/** From this machine's own apt: the guests use the same mirror and the same proxy. */
export async function aptSettings(release: string): Promise<AptSettings> {
  const targets = await expectRun("apt-get", ["indextargets", "--format", "$(REPO_URI)|$(CODENAME)|$(ORIGIN)", "Created-By: Packages"]);
  const settings = guestSettings(await expectRun("apt-config", ["dump"]));
  return { sources: guestSources(targets, release), host: settings, guest: seenFromGuest(settings) };
}

/** The guests' `sources.list` out of `apt-get indextargets`, with this machine's release replaced by theirs. */
export function guestSources(targets: string, release: string): string {
  const lines = targets.split("\n").flatMap((line) => {
    const [uri, codename, origin] = line.split("|");
    if (!uri || !codename || origin !== "Debian") return [];
    return [`deb ${uri} ${codename.replace(/^[a-z]+/, release)} main`];
  });
  if (lines.length === 0) throw new Error("apt on this machine has no Debian sources to take the guests' packages from");
  return `${[...new Set(lines)].join("\n")}\n`;
}

const kept = /^Acquire::(?:https?::[Pp]roxy(?:::\S*)?|Check-Valid-Until|Check-Date) ".+";$/;
const fixed = ['Acquire::Languages "none";', 'Acquire::Retries "0";', 'Acquire::http::Timeout "10";', 'Acquire::https::Timeout "10";'];

/** The guests' apt.conf out of `apt-config dump`: proxies, and what this machine does not check because its mirror can't satisfy it. */
export function guestSettings(dump: string): string {
  const lines = dump.split("\n").filter((line) => kept.test(line));
  return `${[...lines, ...fixed].join("\n")}\n`;
}

/** In a guest's user network this machine's own loopback is 10.0.2.2. */
export function seenFromGuest(settings: string): string {
  return settings.replace(/\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/"])/g, "//10.0.2.2");
}

/** The names of all packages of Linux itself; fetches the package lists once where they are missing. */
export async function linuxPackages(): Promise<Set<string>> {
  const before = await packageNames();
  if (before.has("linux-image-cloud-amd64")) return before;
  await run("apt-get", ["-q", "update"]);
  return packageNames();
}

async function packageNames(): Promise<Set<string>> {
  const { stdout } = await run("apt-cache", ["pkgnames", "linux-"]);
  return new Set(stdout.split("\n"));
}

/** The versions apt would install, as `package=version`. */
export async function candidateVersions(packages: readonly string[]): Promise<string[]> {
  const names = [...packages].sort();
  const { stdout } = await run("env", ["LC_ALL=C", "apt-cache", "policy", ...names]);
  return names.map((name) => `${name}=${candidate(stdout, name)}`);
}

function candidate(policies: string, name: string): string {
  const section = policies.split(/^(?=\S)/m).find((each) => each.startsWith(`${name}:\n`));
  return section?.match(/Candidate: (\S+)/)?.[1] ?? "";
}
