#!/bin/sh
# What udhcpc(8) runs on a client PC of the lab: sets address, default route and name servers from the lease.
case $1 in
    bound | renew)
        ip address flush dev "$interface"
        ip address add "$ip/$mask" broadcast + dev "$interface"
        for gateway in ${router:-}; do
            ip route replace default via "$gateway"
            break
        done
        for server in ${dns:-}; do echo "nameserver $server"; done > /etc/resolv.conf
        ;;
    deconfig)
        ip link set "$interface" up
        ip address flush dev "$interface"
        : > /etc/resolv.conf
        ;;
esac
