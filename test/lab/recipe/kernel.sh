#!/bin/sh
# kernel.sh BASE TREE 'KERNEL PACKAGE…' [PACKAGE…]: a copy of BASE with the packages of the third argument installed; the others are
# only downloaded into its apt cache.
set -eu
base=$1 tree=$2 installed=$3
shift 3
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

cp -a "$base" "$tree"
unmount() { umount "$tree/proc" "$tree/sys" "$tree/dev" 2>/dev/null || true; }
trap unmount EXIT
for folder in proc sys dev; do mount --bind "/$folder" "$tree/$folder"; done
# What the host needs to reach the mirror; inside the guest the emulated network answers names at 10.0.2.3.
cp /etc/resolv.conf "$tree/etc/resolv.conf"
cp "${tree%/*}/apt.conf.host" "$tree/etc/apt/apt.conf.d/90lab"

apt="chroot $tree apt-get -q -y --no-install-recommends"
$apt install $installed
$apt clean
if [ $# -gt 0 ]; then $apt --download-only install "$@"; fi

cp "${tree%/*}/apt.conf" "$tree/etc/apt/apt.conf.d/90lab"
echo 'nameserver 10.0.2.3' >"$tree/etc/resolv.conf"
