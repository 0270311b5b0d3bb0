import { sayParts } from "./shell_parts.ts";

/**
 * Asks in one round trip for all that `machine` knows, as lines of "key value". It only reads. Forks are the cost of it
 * (some ten milliseconds each on a small machine), hence builtins and one call for many files wherever possible.
 */
export const machineScript = `${sayParts}nearest() { folder=$1; while [ ! -d "$folder" ]; do folder=\${folder%/*}; [ -n "$folder" ] || folder=/; done; }

IFS= read -r boot < /proc/sys/kernel/random/boot_id
say boot-id "$boot"
running=$(uname -r)
say running "$running"
say build "$(uname -v)"
file=/etc/os-release
[ -r "$file" ] || file=/usr/lib/os-release
[ -r "$file" ] && every os < "$file"

set --
for folder in /lib/modules/*/; do
  kernel=\${folder#/lib/modules/} kernel=\${kernel%/}
  [ -f "$folder/vmlinuz" ] && say image "$kernel"
  [ -f "$folder/build/Makefile" ] && [ -d "$folder/build/include/generated" ] && say headers "$kernel"
  [ -r "$folder/modules.dep" ] || continue
  while IFS=: read -r module dependencies; do
    case $module in
      kernel/*.ko*) [ -f "$folder$module" ] && { say module "$folder$module"; set -- "$@" "$folder$module"; break; } ;;
    esac
  done < "$folder/modules.dep"
done
[ $# -gt 0 ] && has modinfo && modinfo -F vermagic "$@" 2>/dev/null | every vermagic
for image in /boot/vmlinuz-* /boot/vmlinux-*; do
  [ -f "$image" ] && say boot "\${image#/boot/vmlinu?-}"
done
stat -L -c 'initramfs %s %n' /boot/initrd.img-* /boot/initramfs-*.img /boot/initrd-* 2>/dev/null
grep -s '^CONFIG_CC_VERSION_TEXT=' /boot/config-* /lib/modules/*/config /lib/modules/*/build/.config /dev/null | every config

if has dpkg-query; then
  owners=$(dpkg-query -S '/boot/vmlinu[xz]-*' 2>/dev/null)
  set --
  while IFS= read -r line; do
    case $line in
      *': /boot/vmlinu'*) say owner "$line"; set -- "$@" "\${line%%: /boot/*}" ;;
    esac
  done <<OWNERS
$owners
OWNERS
  [ $# -gt 0 ] && dpkg-query -W -f 'version \${binary:Package} \${Version}\\nversion \${Package} \${Version}\\n' "$@" 2>/dev/null
fi
if has rpm; then
  for image in /lib/modules/*/vmlinuz /boot/vmlinuz-*; do
    [ -f "$image" ] && owner=$(rpm -qf --qf '%{NAME} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\n' "$image" 2>/dev/null) && say rpm "$image $owner"
  done
fi
say notes "$(bytes /sys/kernel/notes)"

for compiler in gcc cc; do
  has "$compiler" && { "$compiler" --version 2>/dev/null | first compiler; break; }
done
IFS=:
for folder in $PATH; do
  for compiler in "$folder"/gcc-[0-9]*; do [ -x "$compiler" ] && say versioned "\${compiler##*/}"; done
done
unset IFS
has make && make --version 2>/dev/null | first make
has dkms && dkms --version 2>/dev/null | first dkms
for program in apt-get dnf zypper update-initramfs dracut; do has "$program" && say program "$program"; done
has modprobe && modprobe --version 2>/dev/null | every modprobe

nearest /boot; set -- "$folder"
nearest /lib/modules; set -- "$@" "$folder"
nearest /var/lib/dkms; set -- "$@" "$folder"
df -Pk "$@" 2>/dev/null | every df

if [ -d /sys/firmware/efi ]; then
  say efi firmware
  variables=/sys/firmware/efi/efivars
  [ -n "$(ls "$variables" 2>/dev/null)" ] && say efi variables
  [ -e "$variables/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c" ] &&
    say secure-boot "$(bytes "$variables/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c")"
fi
[ -r /sys/module/module/parameters/sig_enforce ] && first enforced < /sys/module/module/parameters/sig_enforce
[ -r /sys/kernel/security/lockdown ] && first lockdown < /sys/kernel/security/lockdown
has systemd-detect-virt && container=$(systemd-detect-virt --container 2>/dev/null) && say container "$container"
[ -f /run/.containerenv ] && say container podman
[ -f /.dockerenv ] && say container docker

for file in /boot/grub/grub.cfg /boot/grub2/grub.cfg; do
  [ -f "$file" ] && { say grub-config "$file"; break; }
done
grep -hsE '^[[:space:]]*GRUB_(DEFAULT|DISABLE_SUBMENU|FLAVOUR_ORDER|TOP_LEVEL)=' /etc/default/grub /etc/default/grub.d/*.cfg /dev/null | every grub
for file in /boot/grub/grubenv /boot/grub2/grubenv; do
  [ -r "$file" ] && { every grubenv < "$file"; break; }
done
has grubby && grubby --default-kernel 2>/dev/null | first grubby
echo end
`;
