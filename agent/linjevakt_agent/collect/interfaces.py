"""The kernel's network interfaces with addresses and 64-bit counters, as `ip` tells them."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linjevakt_agent.base.errors import reason
from linjevakt_agent.collect import CollectError

SYS_NET = Path("/sys/class/net")


@dataclass(frozen=True, slots=True)
class Counters:
    """One direction since the interface was made; Linux counts `multicast` when receiving only."""

    octets: int
    packets: int
    errors: int
    dropped: int
    multicast: int = 0


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface; `oper` is the kernel's RFC 2863 state in lower case, `kind` the driver's or link type's name."""

    index: int
    name: str
    alias: str
    kind: str
    mtu: int
    mac: bytes
    enabled: bool
    oper: str
    promiscuous: bool
    speed_mbit: int | None
    addresses: tuple[str, ...]
    received: Counters
    sent: Counters


def read(sys_net: Path = SYS_NET) -> list[Interface]:
    """All interfaces of this network namespace, by index. Raises CollectError."""
    command = ["ip", "-json", "-statistics", "-details", "address", "show"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=2, check=True)
        return parse(answer.stdout, _speeds(sys_net))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise CollectError(f"interfaces: `{' '.join(command)}` failed: {reason(error)}") from error


def parse(text: str, speeds: Mapping[str, int]) -> list[Interface]:
    """What `ip -json -statistics -details address show` printed; `speeds` are Mbit/s by name."""
    links = [link for link in json.loads(text) if link]  # iproute2 prints {} for what it filters out
    return sorted((_interface(link, speeds) for link in links), key=lambda interface: interface.index)


def _interface(link: Mapping[str, Any], speeds: Mapping[str, int]) -> Interface:
    flags = link["flags"]
    return Interface(
        index=link["ifindex"],
        name=link["ifname"],
        alias=link.get("ifalias", ""),
        kind=link.get("linkinfo", {}).get("info_kind", link["link_type"]),
        mtu=link["mtu"],
        mac=_mac(link.get("address", "")),
        enabled="UP" in flags,
        oper=_oper(link["operstate"].lower(), flags),
        promiscuous=link.get("promiscuity", 0) > 0,
        speed_mbit=speeds.get(link["ifname"]),
        addresses=tuple(f"{a['local']}/{a['prefixlen']}" for a in link.get("addr_info", []) if "local" in a),
        received=_counters(link["stats64"]["rx"]),
        sent=_counters(link["stats64"]["tx"]),
    )


def _oper(state: str, flags: list[str]) -> str:
    """A driver without link sensing (lo, tun) says `unknown`: to be taken as usable (kernel, operstates.rst)."""
    return "up" if state == "unknown" and "LOWER_UP" in flags else state


def _mac(text: str) -> bytes:
    """Octets of a link-layer address; none for a loopback (all zeros) and a tunnel (an IP address)."""
    try:
        octets = bytes.fromhex(text.replace(":", ""))
    except ValueError:
        return b""
    return octets if any(octets) else b""


def _counters(direction: Mapping[str, int]) -> Counters:
    return Counters(
        direction["bytes"],
        direction["packets"],
        direction["errors"],
        direction["dropped"],
        direction.get("multicast", 0),
    )


def _speeds(sys_net: Path) -> dict[str, int]:
    """Link speeds in Mbit/s; a port without link answers EINVAL or -1 and is left out."""
    return {path.parent.name: speed for path in sys_net.glob("*/speed") if (speed := _speed(path)) > 0}


def _speed(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0
