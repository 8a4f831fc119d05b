#!/bin/sh
# Becomes process 1 of a node: `boot.sh NODE_FOLDER LAYERS HOSTNAME INIT...`, run in the node's own network namespace and
# in new mount, pid, uts, ipc and cgroup namespaces. With LAYERS the root is an overlay above them (NODE_FOLDER/upper is
# the disk); without, it is the host's. NODE_FOLDER may hold `sysctl`, `network` (ip -batch), `nftables.conf`, and
# `disk`, a script that makes the disk a bad one before the init starts.
# Prints "PID START-TIME" on its output once the node is ready for commands; what follows goes to the console.
set -eu
node=$1 layers=$2 hostname=$3
shift 3

# proc(5), fields 1 and 22, as the host sees this process: read before this namespace has its own /proc.
read -r stat < /proc/self/stat
identity=$(set -- $stat; echo "$1 ${22}")

echo "$hostname" > /proc/sys/kernel/hostname
# Only IPv4 in the lab: neighbour discovery would be noise in captures.
for name in all default; do
    file=/proc/sys/net/ipv6/conf/$name/disable_ipv6
    if [ -e "$file" ]; then echo 1 > "$file"; fi
done
if [ -e "$node/sysctl" ]; then sysctl --quiet --load "$node/sysctl"; fi
if [ -e "$node/network" ]; then ip -batch "$node/network"; fi
if [ -e "$node/nftables.conf" ]; then nft -f "$node/nftables.conf"; fi

bad_disk=:
if [ -e "$node/disk" ]; then bad_disk=$(cat "$node/disk"); fi

if [ -n "$layers" ]; then
    mount -t overlay overlay -o "lowerdir=$layers,upperdir=$node/upper,workdir=$node/work" "$node/root"
    cd "$node/root"
    mount -t proc proc proc
    mount -t sysfs -o ro sysfs sys
    mount -t tmpfs -o mode=755 tmpfs run
    mount -t tmpfs -o mode=755 tmpfs dev
    mkdir dev/net dev/pts dev/shm
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
    mount -t tmpfs -o mode=1777 tmpfs dev/shm
    for device in null zero full random urandom tty net/tun; do
        : > "dev/$device"
        mount --bind "/dev/$device" "dev/$device"
    done
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    pivot_root . .
    umount -l .
    cd /
    sh -eu -c "$bad_disk"
    set -- env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        FAKETIME_CACHE_DURATION=1 "$@"
else
    mount --bind "$node/resolv.conf" /etc/resolv.conf
    mount -t proc proc /proc
    mount -t sysfs -o ro sysfs /sys
fi

echo "$identity"
exec >&2
# One clock serves every node and the host: nobody in here may set it.
exec setpriv --bounding-set -sys_time -- "$@"
