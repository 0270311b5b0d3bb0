#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# symbol_addresses.sh KERNEL: writes symbol_addresses.h out of that kernel's symbol map; what no map tells is 0.
set -eu
kernel=$1

symbol_map() {
  for map in "/lib/modules/$kernel/System.map" "/boot/System.map-$kernel" "/usr/lib/debug/boot/System.map-$kernel"; do
    # Debian's own in /boot only says where the real one is.
    if grep -q __per_cpu_start "$map" 2>/dev/null; then
      echo "$map"
      return
    fi
  done
  if [ "$kernel" = "$(uname -r)" ]; then echo /proc/kallsyms; else echo /dev/null; fi
}

map=$(symbol_map)
echo "addresses out of $map"
for symbol in kfree linux_banner vm_commit_limit; do
  # A fourth field names the module that a symbol belongs to.
  address=$(awk -v symbol="$symbol" 'NF == 3 && $3 == symbol { print $1; exit }' "$map")
  echo "#define ADDRESS_OF_$symbol 0x${address:-0}UL"
done >symbol_addresses.h
