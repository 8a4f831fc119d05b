#!/bin/sh
# First process of the virtual machine: goes from the initramfs, on which nothing can pivot, to an overlay above it, and
# tells the story there. `/box` is the image as a router's disk begins.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
exec </dev/console >/dev/console 2>&1
mount -t tmpfs run /run
mkdir /run/upper /run/work /run/root
modprobe overlay
modprobe tun
mount -t overlay overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work /run/root
cd /run/root
mkdir -p box
mount --bind / box
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --bind /dev dev
mkdir -p dev/pts
mount -t devpts devpts dev/pts
mount -t tmpfs run run
mount -t tmpfs tmp tmp
mkdir run/netns
# over the initramfs, not beside it: whoever enters a namespace of this machine starts at what is topmost there
mount --move . /
exec chroot . python3 /vm/story.py
