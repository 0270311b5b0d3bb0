import type { Argv } from "../core/answer.ts";
import type { PackageCommand } from "./distribution.ts";

/** needrestart would restart services, and debconf would ask. */
const env = { DEBIAN_FRONTEND: "noninteractive", NEEDRESTART_SUSPEND: "1" } as const;

/** Waits ten minutes for dpkg's lock, keeps the administrator's files, and brings no recommended kernel metapackages in. */
const flags = ["-y", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confold", "--no-install-recommends"] as const;

const apt = (...words: readonly string[]): PackageCommand => ({ argv: ["apt-get", ...flags, ...words] satisfies Argv, env });

// Since 6.11 Debian's headers depend on their kernel: installed for a foreign kernel, they would make it boot next.
const installScript = `
pins=$(mktemp) || exit
trap 'rm -f "$pins"' EXIT
{ printf 'Package: linux-image-*\\nPin: release *\\nPin-Priority: -1\\n\\n'; cat /etc/apt/preferences 2>/dev/null; } >"$pins"
apt-get -o Dir::Etc::preferences="$pins" "$@" && exit
code=$?
if LC_ALL=C apt-get --simulate "$@" 2>/dev/null | grep -q '^Inst linux-image-'; then
  echo 'kofleet: refused: it would bring a kernel along, which would boot next; name that kernel to install it on purpose, or build on a host that runs it' >&2
fi
exit "$code"
`;

/** Installs packages, each a name or `name=version`; refuses to install or change a kernel that is not named. */
export const aptInstall = (packages: readonly string[]): PackageCommand =>
  packages.some((name) => name.startsWith("linux-image-"))
    ? apt("install", ...packages)
    : { argv: ["sh", "-c", installScript, "sh", ...flags, "install", ...packages], env };

/** Removes packages, their configuration stays. */
export const aptRemove = (packages: readonly string[]): PackageCommand => apt("remove", ...packages);

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
