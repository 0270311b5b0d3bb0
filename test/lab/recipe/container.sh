#!/bin/sh
# container.sh TREE RELEASE WORK 'PACKAGE…' [PACKAGE…]: a Debian with sshd and the packages of the fourth argument; the others are only
# downloaded into its apt cache. WORK holds sources.list, apt.conf.host and client.pub.
set -eu
tree=$1 release=$2 work=$3 installed=$4
shift 4

mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt,cleanup/reproducible \
  --aptopt="$work/apt.conf.host" --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --include=ca-certificates,openssh-server,sudo,kmod,procps,zstd,xz-utils \
  --include="$(echo "$installed" | tr ' ' ,)" \
  --customize-hook="chroot \"\$1\" apt-get clean" \
  --customize-hook="chroot \"\$1\" apt-get -q -y --no-install-recommends --download-only install $*" \
  "$release" "$tree" "$work/sources.list"

rm -f "$tree"/etc/ssh/ssh_host_*
install -D -m 600 "$work/client.pub" "$tree/root/.ssh/authorized_keys"
chmod 700 "$tree/root/.ssh"
