#!/bin/sh
# disk.sh TREE DISK: DISK (qcow2) with one partition that boots TREE through GRUB, and TREE's kernel and initramfs beside it for firmware that starts them itself.
set -eu
tree=$1 disk=$2 raw=$2.raw mount=$2.mount whole= partition=

release() {
  umount -R "$mount" 2>/dev/null || true
  for device in $partition $whole; do losetup -d "$device" 2>/dev/null || true; done
}
trap release EXIT

truncate -s 4G "$raw"
# One bootable Linux partition from sector 2048 to the end, and the signature of a boot record.
printf '\200\376\377\377\203\376\377\377\000\010\000\000\000\370\177\000' | dd of="$raw" bs=1 seek=446 conv=notrunc status=none
printf '\125\252' | dd of="$raw" bs=1 seek=510 conv=notrunc status=none
whole=$(losetup -f --show "$raw")
partition=$(losetup -f --show -o 1048576 "$raw")

mkfs.ext4 -q -L root -m 0 -O ^metadata_csum,^has_journal -E nodiscard "$partition"
mkdir -p "$mount"
mount -o noatime "$partition" "$mount"
cp -a "$tree/." "$mount/"
for folder in proc sys dev; do mount --bind "/$folder" "$mount/$folder"; done
chroot "$mount" grub-install --target=i386-pc --no-floppy --modules="part_msdos ext2" "$whole"
# grub-mkconfig writes no entry for a root file system on a loop device: the first boot makes the real grub.cfg.
cat >"$mount/boot/grub/grub.cfg" <<'CFG'
search --no-floppy --label --set=root root
linux /vmlinuz root=LABEL=root ro console=ttyS0 mitigations=off net.ifnames=0 norandmaps quiet
initrd /initrd.img
boot
CFG
release
trap - EXIT
qemu-img convert -O qcow2 "$raw" "$disk"
cp -L "$tree/vmlinuz" "$tree/initrd.img" "${disk%/*}/"
rm -r "$raw" "$mount"
