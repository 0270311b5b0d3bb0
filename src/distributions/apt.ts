import type { Answer, Argv } from "../core/answer.ts";
import { FactError } from "../core/error.ts";
import type { PackageCommand } from "./distribution.ts";

/** needrestart would restart services, and debconf would ask. */
const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" } as const;

/** Waits ten minutes for dpkg's lock, keeps the administrator's files, and brings no recommended kernel metapackages in. */
const flags = ["-y", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confold", "--no-install-recommends"] as const;

const apt = (...words: readonly string[]): PackageCommand => ({ argv: ["apt-get", ...flags, ...words] satisfies Argv, env });

/** Installs packages, each a name or `name=version`. */
export const aptInstall = (packages: readonly string[]): PackageCommand => apt("install", ...packages);

/** Removes packages, their configuration stays. */
export const aptRemove = (packages: readonly string[]): PackageCommand => apt("remove", ...packages);

/** Resolves an installation without doing it. */
export const aptSimulateInstall = (packages: readonly string[]): PackageCommand => apt("--simulate", "install", ...packages);

// DPkg::Lock::Timeout does not wait for the lock of the package lists.
const updateScript = `
end=$(($(date +%s) + 600))
while :; do
  output=$(LC_ALL=C apt-get "$@" 2>&1) && code=0 || code=$?
  case $code:$output in
    0:*) break ;;
    *"Could not get lock /var/lib/apt/lists/lock"*) [ "$(date +%s)" -lt "$end" ] || break; echo "waiting for another apt to release the package lists"; sleep 5 ;;
    *) break ;;
  esac
done
[ "$code" -eq 0 ] || exec >&2
printf '%s\\n' "$output"
exit "$code"
`;

/** Fetches the package lists; waits up to ten minutes for their lock. */
export const aptUpdate = (): PackageCommand => ({ argv: ["sh", "-c", updateScript, "sh", ...flags, "update"], env });

/** Kernel images among the "Inst" and "Remv" lines of a simulation. */
export function plannedKernelsOfApt(simulation: Answer): readonly string[] {
  if (simulation.code !== 0) throw new FactError(`apt-get cannot resolve this: ${simulation.stderr.trim()}`);
  const names = simulation.stdout.matchAll(/^(?:Inst|Remv) (linux-image-\S+)/gm);
  return [...new Set([...names].map(([, name]) => name ?? ""))];
}
