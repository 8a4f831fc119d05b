"""What runs on the lab's own nodes: DHCP, names, time, proxies and web servers, as runit services. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from linjevakt.model.catalogue import Catalogue
from linjevakt.model.inventory import Installation
from linjevakt_lab.derive import INSIDE_WEB, NAME_SERVER, OUTSIDE_WEB, PROXIES
from linjevakt_lab.topology import Leg, Node, Role

PROXY_PORT = 3128
# Whole domains of the internet (RFC 2606) that `www` answers for.
_OUTSIDE_DOMAINS = ("example", "example.com", "example.net", "example.org")
# What makes a provider forget whom it has given leases.
FORGET_LEASES = ("sv", "restart", "dhcp")
_NOT_WEB = {NAME_SERVER, *PROXIES}


@dataclass(frozen=True)
class Behind:
    """What the installation says there is behind its hub: names (a domain stands for all below it) and web servers."""

    inside: tuple[IPv4Network, ...]
    names: tuple[tuple[str, IPv4Address], ...]
    web: tuple[tuple[IPv4Address, int], ...]


def behind(installation: Installation, catalogue: Catalogue) -> Behind:
    """Return what the services of the installation need: every TCP port that a catalogue row leads to has a server."""
    named = [(name, service.address) for service in installation.endpoints for name in service.names]
    domains = [(domain, INSIDE_WEB) for domain in installation.inside_domains]
    outside = [(domain, OUTSIDE_WEB.ip) for domain in _OUTSIDE_DOMAINS]
    addresses = {service.key: service.address for service in installation.endpoints}
    flows = [
        flow for row in catalogue.values() for flow in row.flows if flow.protocol == "tcp" and flow.to in addresses
    ]
    doors = {(addresses[flow.to], port) for flow in flows for port in flow.ports} | {(INSIDE_WEB, 80)}
    web = sorted(door for door in doors if door[0] not in _NOT_WEB)
    return Behind(installation.inside, tuple(outside + domains + named), tuple(web))


def files(node: Node, what: Behind) -> dict[str, str]:
    """Return what is on the node's disk beyond Debian, by path; a path that ends in `/run` is a program."""
    match node.role:
        case Role.NETWORK:
            return _dhcp(leg for leg in node.legs if leg.lease)
        case Role.WEB:
            return _web("Internet: outside page", [(OUTSIDE_WEB.ip, 80)])
        case Role.SERVICES:
            return _names(what) | _time(what) | _proxies(what) | _web("Helsenettet: inside page", what.web)
    return {}


def _service(name: str, command: str) -> dict[str, str]:
    return {f"etc/service/{name}/run": f"#!/bin/sh\nexec 2>&1\nexec {command}\n"}


def _dhcp(legs: Iterable[Leg]) -> dict[str, str]:
    """Serve one client on each leg; its lease lives in memory, as a provider would not remember a box for ever.

    No interface is named, for cables come and go: a request is answered by the network that it comes from.
    """
    lines = ["port=0", "no-ping", "dhcp-authoritative", "leasefile-ro", "log-dhcp", "user=root"]
    for leg in legs:
        lines += [f"dhcp-range={leg.lease},{leg.lease},{leg.addresses[0].netmask},1h"]
    return {"etc/lab/dhcp.conf": _text(lines)} | _service("dhcp", "dnsmasq --keep-in-foreground -C /etc/lab/dhcp.conf")


def _names(what: Behind) -> dict[str, str]:
    lines = [f"listen-address={NAME_SERVER}", "bind-interfaces", "no-resolv", "no-hosts", "user=root"]
    lines += [f"address=/{name}/{address}" for name, address in what.names]
    return {
        "etc/lab/names.conf": _text(lines),
        "etc/resolv.conf": f"nameserver {NAME_SERVER}\n",
    } | _service("names", "dnsmasq --keep-in-foreground -C /etc/lab/names.conf")


def _time(what: Behind) -> dict[str, str]:
    """Serve the host's time (`-x`: never set it)."""
    lines = [
        f"bindaddress {NAME_SERVER}",
        "local stratum 8",
        "cmdport 0",
        "bindcmdaddress /",
        "pidfile /run/chronyd.pid",
    ]
    lines += [f"allow {prefix}" for prefix in what.inside]
    return {"etc/lab/time.conf": _text(lines)} | _service("time", "chronyd -x -d -u root -f /etc/lab/time.conf")


def _proxies(what: Behind) -> dict[str, str]:
    result: dict[str, str] = {}
    for number, address in enumerate(PROXIES, start=1):
        lines = [
            f"Listen {address}",
            f"Port {PROXY_PORT}",
            "User nobody",
            "Group nogroup",
            "Timeout 60",
            "MaxClients 500",
        ]
        lines += [f"Allow {prefix}" for prefix in what.inside]
        result |= {f"etc/lab/proxy{number}.conf": _text(lines)}
        result |= _service(f"proxy{number}", f"tinyproxy -d -c /etc/lab/proxy{number}.conf")
    return result


def _web(page: str, doors: Iterable[tuple[IPv4Address, int]]) -> dict[str, str]:
    """Serve one page at every name; it tells which address the client was seen with."""
    listen = " ".join(f"listen {address}:{port};" for address, port in doors)
    body = f"<!doctype html><title>{page}</title><p>{page}</p><p>You come from $remote_addr</p>\\n"
    lines = [
        "daemon off; worker_processes 1; pid /run/web.pid; error_log stderr;",
        "events { worker_connections 1000; }",
        "http {",
        "  access_log off; default_type text/html; charset utf-8;",
        f"  server {{ {listen} location / {{ return 200 '{body}'; }} }}",
        "}",
    ]
    return {"etc/lab/web.conf": _text(lines)} | _service("web", "nginx -c /etc/lab/web.conf")


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
