#!/bin/sh
# base.sh TREE RELEASE WORK: a Debian without a kernel. WORK holds sources.list, apt.conf and client.pub.
set -eu
tree=$1 release=$2 work=$3

mmdebstrap --mode=root --variant=minbase --skip=cleanup/apt,cleanup/reproducible \
  --aptopt="$work/apt.conf.host" --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include=ca-certificates,systemd,systemd-sysv,dbus,libpam-systemd,openssh-server,sudo,kmod,udev \
  --include=initramfs-tools,grub-pc,zstd,xz-utils,iproute2,procps \
  "$release" "$tree" "$work/sources.list"

cd "$tree"
rm -f etc/apt/sources.list.d/* etc/apt/apt.conf.d/99mmdebstrap
cp "$work/sources.list" etc/apt/sources.list
cp "$work/apt.conf" etc/apt/apt.conf.d/90lab
echo force-unsafe-io >etc/dpkg/dpkg.cfg.d/lab
echo 'grub-pc grub-pc/install_devices multiselect /dev/vda' | chroot . debconf-set-selections

printf 'MODULES=list\nCOMPRESS=gzip\nCOMPRESSLEVEL=1\n' >etc/initramfs-tools/conf.d/lab
printf 'ext4\nvirtio_pci\nvirtio_blk\n' >>etc/initramfs-tools/modules
mkdir -p etc/default/grub.d
# norandmaps: QEMU translates a program anew for every address that it runs at, and then takes nearly three times as long to start one.
cat >etc/default/grub.d/lab.cfg <<'CFG'
GRUB_TIMEOUT=0
GRUB_TERMINAL=console
GRUB_DISABLE_OS_PROBER=true
GRUB_CMDLINE_LINUX_DEFAULT="console=ttyS0 mitigations=off net.ifnames=0 fsck.mode=skip norandmaps quiet"
CFG

echo 'LABEL=root / ext4 errors=remount-ro,noatime 0 1' >etc/fstab
echo lab >etc/hostname
echo '127.0.0.1 localhost lab' >etc/hosts
printf '[Match]\nName=eth0\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' >etc/systemd/network/lab.network
chroot . systemctl --quiet enable systemd-networkd ssh
chroot . systemctl --quiet mask \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
  systemd-networkd-wait-online.service systemd-pstore.service grub-common.service getty@tty1.service \
  dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
  modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service modprobe@efi_pstore.service \
  modprobe@fuse.service modprobe@loop.service

printf 'UseDNS no\nPrintMotd no\nPrintLastLog no\n' >etc/ssh/sshd_config.d/lab.conf
rm -f etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C lab-image -f etc/ssh/ssh_host_ed25519_key
install -D -m 600 "$work/client.pub" root/.ssh/authorized_keys
for user in admin deploy; do
  chroot . useradd --create-home --shell /bin/bash "$user"
  install -D -m 600 "$work/client.pub" "home/$user/.ssh/authorized_keys"
  chroot . chown -R "$user:$user" "/home/$user/.ssh"
  chmod 700 "home/$user/.ssh"
done
chmod 700 root/.ssh
echo admin:lab | chroot . chpasswd
echo 'admin ALL=(ALL:ALL) ALL' >etc/sudoers.d/admin
echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' >etc/sudoers.d/deploy
chmod 440 etc/sudoers.d/admin etc/sudoers.d/deploy
