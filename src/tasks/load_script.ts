import { kernelLogParts, taintLetters } from "../facts/kernel_trouble.ts";

// Statements of a module's origin, licence and support, not of damage: P, O, E, and SUSE's X and N (bit 30, later 31).
const harmless = [0, 12, 13, 16, 30, 31].reduce((mask, bit) => mask + 2 ** bit, 0);

/**
 * Loads the module $1, and looks at what the kernel says of it. Exit codes: modprobe's where that fails, with the kernel's
 * own reason, if it gave one, as the last line of stderr; 70 (EX_SOFTWARE) where the module is loaded, but the kernel has
 * reported trouble or is newly tainted since, with the most telling line last. Damage done a moment later is not seen.
 *
 * New is what follows the line that ended the kernel log before. The line that is written there first is for whoever reads
 * the log, and may be refused (by printk.devkmsg=off silently). Where the line before is gone, the log has wrapped, and all
 * of it is new.
 */
export const loadScript = `${kernelLogParts}
PATH=$PATH:/usr/sbin:/sbin
module=$1
before=$(tainted)
[ -w /dev/kmsg ] && { printf '<6>kofleet: loading %s\\n' "$module" >> /dev/kmsg; } 2>/dev/null
if log=$(dmesg 2>&1); then
  last=$(printf '%s\\n' "$log" | tail -n 1)
  since() {
    dmesg | last=$last awk '
      { line[++n] = $0 }
      $0 == ENVIRON["last"] { n = 0 }
      END {
        for (i = 1; i <= n; i++) {
          sub(ENVIRON["stamp"], "", line[i])
          print line[i]
          if (line[i] ~ ENVIRON["trouble"]) isBad = 1
        }
        exit isBad
      }'
  }
else
  printf 'what the kernel says is not looked at, since its log cannot be read: %s\\n' "$log"
  since() { :; }
fi
news() { printf '%s\\n' "$new" | grep -E "$@"; }

modprobe "$module"
code=$?
after=$(tainted)

worst=
if ! new=$(since); then
  news -B 3 -A 40 "$trouble|$warning" | grep -vE '^(R[A-D]X|R[SD]I|R[SB]P|R[01][0-9]|[FC]S|CR2|Code): ' | head -n 20 >&2
  worst=$(news "$trouble|$warning" | head -n 1)
fi
if [ "$code" -ne 0 ]; then
  name=$(printf '%s' "$module" | tr - _)
  [ -n "$worst" ] || worst=$(news "^$name: |^Loading of .* is rejected|^Lockdown: modprobe: |[Ii]nvalid ELF " | grep -vE 'taint(s|ing) kernel' | tail -n 1)
  [ -z "$worst" ] || printf '%s\\n' "$worst" >&2
  exit "$code"
fi

taint=$((after & ~before & ~${harmless})) bit=0 letters=
set -- ${taintLetters.join(" ")}
while [ $((taint >> bit)) -ne 0 ]; do
  [ $((taint >> bit & 1)) -eq 0 ] || letters="$letters \${1:-$bit}"
  bit=$((bit + 1))
  [ $# -eq 0 ] || shift
done
[ -z "$letters" ] || printf 'kofleet: loading %s tainted the kernel:%s\\n' "$module" "$letters" >&2
[ -z "$worst" ] || printf 'kofleet: loading %s left this in the kernel log: %s\\n' "$module" "$worst" >&2
[ -z "$letters$worst" ] || exit 70
`;
