import type { Fact } from "../core/fact.ts";
import type { Distribution } from "../distributions/distribution.ts";
import { readRecord } from "./record.ts";
import { sayParts } from "./shell_parts.ts";

/** Installed versions by the names that were asked for; what is not fully installed is not in it. */
export const packageVersions = (distribution: Distribution, names: readonly string[]): Fact<ReadonlyMap<string, string>> => ({
  name: `packageVersions ${names.join(" ")}`,
  command: distribution.packageVersionsQuery(names),
  parse: (answer) => distribution.parsePackageVersions(answer),
});

/** dnf fetches its lists by itself; apt knows what it fetched last. Reading that takes apt seconds: once, and only for what is not installed. */
const unlistedScript = `${sayParts}
if has apt-cache; then
  missing=
  for package; do
    case $(dpkg-query -W -f '\${db:Status-Status}' "$package" 2>/dev/null) in
      installed) ;;
      *) missing="$missing $package" ;;
    esac
  done
  listed=
  [ -z "$missing" ] || listed=$(apt-cache show --no-all-versions $missing 2>/dev/null | grep -E '^(Package|Provides):' | tr '\\n,' '  ')
  for package in $missing; do
    case " $listed " in *" $package "*) ;; *) say unlisted "$package" ;; esac
  done
fi
echo end
`;

/** Which of these packages are neither installed nor in the package lists that the host has fetched. */
export const unlistedPackages = (names: readonly string[]): Fact<readonly string[]> => ({
  name: `unlistedPackages ${names.join(" ")}`,
  command: ["sh", "-c", unlistedScript, "sh", ...names],
  slow: true,
  parse: (answer) => readRecord(answer, "the package lists").all("unlisted"),
});
