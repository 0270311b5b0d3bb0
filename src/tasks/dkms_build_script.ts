import { builtFromFile, privateTree } from "../facts/dkms_script.ts";

/**
 * Keeps other builds of kofleet out, and dkms from loading or embedding anything by itself: modprobe_on_install restarts
 * services, post_transaction rebuilds every initramfs. dkms reads the drop-in last; it has no effect on any dkms but
 * ours, so that one which a power cut leaves behind, or that apt's dkms meets, does no harm.
 */
export const quietDkms = `
PATH=$PATH:/usr/sbin:/sbin
fail() { printf 'kofleet: %s\\n' "$1" >&2; exit 1; }
mkdir -p ${privateTree} || exit
exec 9> ${privateTree}.lock
flock -w 3600 9 || fail 'another build holds ${privateTree}.lock for an hour: look at what it does'
settings=/etc/dkms/framework.conf.d
[ -d "$settings" ] || { mkdir -p "$settings" || exit; made=$settings; }
cleanup() { rm -f "$settings/zz-kofleet.conf"; [ -z "\${made-}" ] || rmdir "$made" 2>/dev/null; }
trap cleanup EXIT
trap 'exit 129' HUP INT TERM
cat > "$settings/zz-kofleet.conf" <<'SETTINGS' || exit
# For dkms runs of kofleet, and for no other: they load, embed and sign nothing by themselves.
if [ -n "\${KOFLEET_DKMS-}" ]; then
  modprobe_on_install=""
  post_transaction=""
  if [ "$KOFLEET_DKMS" = unsigned ]; then sign_file=/dev/null; fi
fi
SETTINGS
`;

/** What the first line of a build log that names the cause looks like, from the most to the least telling. */
const firstError = `
first_error() {
  grep -m 1 -E '^[^[:space:]]+:[0-9]+(:[0-9]+)?: (fatal )?error: ' "$1" ||
    grep -m 1 -E 'error: |^ERROR: modpost: |: undefined reference to |: not found$' "$1" ||
    grep -m 1 -E '^make(\\[[0-9]+\\])?: \\*\\*\\* ' "$1"
}
`;

/**
 * Builds a module for one kernel in kofleet's own dkms tree, politely, and keeps the result only if it is what it should
 * be. Prints the log of the build; its last line names the cause of a failure.
 * $1 module, $2 version, $3 kernel, $4 architecture, $5 what it is built from, in one line, $6 vermagic of that kernel's own modules or
 * nothing, $7 "signed" where dkms shall sign as the host is set up to, else "unsigned", $8 the serial number of the certificate that it
 * has to sign for, in lower-case hex, or nothing.
 */
export const buildScript = `${quietDkms}${firstError}
module=$1 version=$2 kernel=$3 architecture=$4 from=$5 vermagic=$6 signer=$8
export KOFLEET_DKMS=$7
base=${privateTree}/$module/$version
built=$base/$kernel/$architecture
rm -rf "$base/source" "$base/build" "$built"
polite='nice -n 10'
command -v ionice >/dev/null 2>&1 && polite="$polite ionice -c 3"
said=${privateTree}.said code=
rm -f "$said.code"
{
  $polite dkms build --dkmstree ${privateTree} --sourcetree /usr/src -m "$module" -v "$version" -k "$kernel" -a "$architecture" 9>&-
  echo $? > "$said.code"
} | tee "$said"
[ -f "$said.code" ] && read -r code < "$said.code"
code=\${code:-1}
log=$built/log/make.log
[ -f "$log" ] || log=$base/build/make.log
# Before 3.1 dkms says how it calls make, and does not log it. Dots for the time it takes follow.
call=$(sed -n "s/^\\('*make'* .*[^.]\\)\\.\\.\\..*/\\1/p" "$said" | tail -n 1)
rm -f "$said" "$said.code"
[ -z "$call" ] || grep -qs '^# command: ' "$log" || printf '# command: %s\\n' "$call" >> "$log"
[ -f "$log" ] && cat "$log"
if [ $code -ne 0 ]; then
  cause=$([ -f "$log" ] && first_error "$log")
  printf 'kofleet: building %s %s for %s failed: %s\\n' "$module" "$version" "$kernel" "\${cause:-dkms ended with exit code $code}" >&2
  exit $code
fi

for file in "$built"/module/*; do break; done
refuse() { rm -rf "$built"; fail "$1"; }
[ -s "$file" ] || refuse "dkms reported success, but left no module for $kernel: look at BUILT_MODULE_NAME in dkms.conf"
found=$(modinfo -F vermagic "$file") || refuse "what dkms built for $kernel is not a module that modinfo can read"
[ "\${found%% *}" = "$kernel" ] || refuse "the module was built for \\"\${found%% *}\\", not for \\"$kernel\\": the headers are another kernel's"
[ -z "$vermagic" ] || [ "$found" = "$vermagic" ] || refuse "the module's vermagic is \\"$found\\", but that of the kernel's own modules is \\"$vermagic\\""
if [ -n "$signer" ]; then
  key=$(modinfo -F sig_key "$file" | tr -d : | tr A-F a-f | sed 's/^0*//')
  [ -n "$key" ] || refuse "dkms did not sign the module: bring it the key with playbooks/signing-key.yaml"
  [ "$key" = "\${signer#"\${signer%%[!0]*}"}" ] || refuse "dkms signed the module for the certificate $key, not for the fleet's, $signer: bring it the fleet's key with playbooks/signing-key.yaml"
fi
printf '%s\\n' "$from" > "$built/${builtFromFile}"
`;
