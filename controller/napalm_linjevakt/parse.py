"""What native tools and files of a Linux router say, as NAPALM's structures: pure functions."""

import json
import re
import statistics
import tomllib
from typing import Any

UNKNOWN = -1
USER = "linjevakt"
_ECHO = re.compile(r"^\d+ bytes from (?P<address>[^ :]+).* time=(?P<rtt>[\d.]+) ms", re.MULTILINE)
_SENT = re.compile(r"^(\d+) packets transmitted, (\d+) received", re.MULTILINE)
_HOP = re.compile(r"^\s*(\d+)\s+(.*)$")
_PROBE = re.compile(r"\*|(?:(?P<address>[0-9a-f][0-9a-f.:]+)\s+)?(?P<rtt>[\d.]+) ms")
_PUBLIC_KEY = re.compile(r"^(?!#).*?\b((?:ssh|ecdsa|sk)-\S+ AAAA.*)$", re.MULTILINE)
_SENSOR = re.compile(r"^(?P<chip>.*)/(?P<sensor>(?:temp|fan)\d+)_(?P<what>\w+):(?P<value>-?\d+)$", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """The sections of a configuration text (contract.md section 1) by name."""
    parts = re.split(r"^##### (\S+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def facts(agent: dict[str, Any]) -> dict[str, Any]:
    """`linjevakt-agent facts`."""
    return {
        "hostname": agent["hostname"],
        "fqdn": agent["hostname"],
        "vendor": agent["vendor"],
        "model": agent["model"],
        "serial_number": agent["serial"],
        "os_version": agent["os_version"],
        "uptime": float(agent["uptime_s"]),
        "interface_list": list(agent["interfaces"]),
    }


def interfaces(links: str, speeds: str) -> dict[str, dict[str, Any]]:
    """`ip -json -details -statistics link`, and a line `/sys/class/net/NAME/speed:MBIT` each."""
    mbit = dict(re.findall(r"^/sys/class/net/(\S+)/speed:(\d+)$", speeds, re.MULTILINE))
    return {link["ifname"]: _interface(link, float(mbit.get(link["ifname"], UNKNOWN))) for link in _rows(links)}


def _interface(link: dict[str, Any], mbit: float) -> dict[str, Any]:
    return {
        # RFC 2863: an interface that cannot tell (tun, loopback) is UNKNOWN; its carrier flag decides
        "is_up": link["operstate"] == "UP" or (link["operstate"] == "UNKNOWN" and "LOWER_UP" in link["flags"]),
        "is_enabled": "UP" in link["flags"],
        "description": link.get("ifalias", ""),
        "last_flapped": float(UNKNOWN),
        "speed": mbit,
        "mtu": link["mtu"],
        "mac_address": link.get("address", "").upper(),
    }


def counters(links: str) -> dict[str, dict[str, int]]:
    """`ip -json -details -statistics link`; Linux does not count broadcasts apart, nor sent multicasts."""
    return {link["ifname"]: _counters(link["stats64"]["rx"], link["stats64"]["tx"]) for link in _rows(links)}


def _counters(rx: dict[str, int], tx: dict[str, int]) -> dict[str, int]:
    return {
        "rx_octets": rx["bytes"],
        "rx_unicast_packets": rx["packets"] - rx["multicast"],
        "rx_multicast_packets": rx["multicast"],
        "rx_broadcast_packets": UNKNOWN,
        "rx_errors": rx["errors"],
        "rx_discards": rx["dropped"],
        "tx_octets": tx["bytes"],
        "tx_unicast_packets": tx["packets"],
        "tx_multicast_packets": UNKNOWN,
        "tx_broadcast_packets": UNKNOWN,
        "tx_errors": tx["errors"],
        "tx_discards": tx["dropped"],
    }


def addresses(text: str) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    """`ip -json addr`; interfaces without an address are left out."""
    found: dict[str, dict[str, dict[str, dict[str, int]]]] = {}
    for link in _rows(text):
        for row in link.get("addr_info", ()):
            family = {"inet": "ipv4", "inet6": "ipv6"}[row["family"]]
            found.setdefault(link["ifname"], {}).setdefault(family, {})[row["local"]] = {
                "prefix_length": row["prefixlen"]
            }
    return found


def arp(text: str) -> list[dict[str, Any]]:
    """`ip -json -4 -statistics neigh`; age in seconds since the entry changed."""
    return [
        {"interface": row["dev"], "mac": row["lladdr"].upper(), "ip": row["dst"], "age": float(row["updated"])}
        for row in _rows(text)
        if "lladdr" in row
    ]


def snmp(config: str) -> dict[str, Any]:
    """`agent.toml` of a configuration text: SNMPv3 alone, so there are no communities."""
    agent = tomllib.loads(sections(config).get("agent.toml", ""))
    system = agent.get("system", {})
    return {
        "chassis_id": agent.get("snmp", {}).get("engine_id", ""),
        "community": {},
        "contact": system.get("contact", ""),
        "location": system.get("location", ""),
    }


def ntp_servers(config: str) -> dict[str, dict[str, Any]]:
    """`server` and `pool` lines of `chrony.conf` (chrony.conf(5))."""
    lines = sections(config).get("chrony.conf", "").splitlines()
    words = [line.split() for line in lines if re.match(r"\s*(server|pool)\s+\S", line)]
    return {row[1]: _ntp_server(row[0], row[1], row[2:]) for row in words}


def _ntp_server(kind: str, address: str, options: list[str]) -> dict[str, Any]:
    return {
        "address": address,
        "association_type": kind.upper(),
        "iburst": "iburst" in options,
        "prefer": "prefer" in options,
    }


def users(config: str) -> dict[str, dict[str, Any]]:
    """`authorized_keys` of a configuration text (sshd(8)): the one user, without a password; keys without options."""
    keys = _PUBLIC_KEY.findall(sections(config).get("authorized_keys", ""))
    return {USER: {"level": 15, "password": "", "sshkeys": keys}}


def environment(stat: str, meminfo: str, sensors: str) -> dict[str, Any]:
    """Two readings of `/proc/stat`, one of `/proc/meminfo`, and a line `/sys/class/hwmon/hwmonN/FILE:VALUE` each."""
    memory = {name: int(kib) * 1024 for name, kib in re.findall(r"^(\w+):\s+(\d+) kB", meminfo, re.MULTILINE)}
    chips = _sensors(sensors)
    return {
        "fans": {name: {"status": row["input"] > 0} for name, row in chips.items() if "/fan" in name},
        "temperature": {name: _temperature(row) for name, row in chips.items() if "/temp" in name},
        "power": {},
        "cpu": _cpu(stat),
        "memory": {
            "available_ram": memory["MemTotal"],
            "used_ram": memory["MemTotal"] - memory["MemAvailable"],
        },
    }


def _sensors(text: str) -> dict[str, dict[str, int]]:
    chips: dict[str, dict[str, int]] = {}
    for match in _SENSOR.finditer(text):
        name = f"{match['chip'].rsplit('/', 1)[-1]}/{match['sensor']}"
        chips.setdefault(name, {})[match["what"]] = int(match["value"])
    return {name: row for name, row in chips.items() if "input" in row}


def _temperature(row: dict[str, int]) -> dict[str, Any]:
    """Thousandths of a degree, as hwmon (kernel documentation hwmon/sysfs-interface) counts."""
    return {
        "temperature": row["input"] / 1000,
        "is_alert": row["input"] >= row.get("max", row["input"] + 1),
        "is_critical": row["input"] >= row.get("crit", row["input"] + 1),
    }


def _cpu(stat: str) -> dict[int, dict[str, float]]:
    """Share of time not idle (fourth and fifth column of proc(5)'s `cpuN`) between the two readings."""
    readings: dict[int, list[list[int]]] = {}
    for number, columns in re.findall(r"^cpu(\d+) (.*)$", stat, re.MULTILINE):
        readings.setdefault(int(number), []).append([int(value) for value in columns.split()[:8]])
    return {number: {"%usage": _busy(first, last)} for number, (first, last) in readings.items()}


def _busy(first: list[int], last: list[int]) -> float:
    spent = [after - before for before, after in zip(first, last, strict=True)]
    return round(100.0 * (sum(spent) - spent[3] - spent[4]) / max(sum(spent), 1), 1)


def ping(text: str, destination: str) -> dict[str, Any]:
    """`ping -c`; NAPALM counts lost packets, not per cent."""
    sent = _SENT.search(text)
    if sent is None:
        return {"error": text.strip() or f"ping {destination} said nothing"}
    rtts = [float(match["rtt"]) for match in _ECHO.finditer(text)]
    return {
        "success": {
            "probes_sent": int(sent[1]),
            "packet_loss": int(sent[1]) - int(sent[2]),
            "rtt_min": min(rtts, default=0.0),
            "rtt_max": max(rtts, default=0.0),
            "rtt_avg": round(statistics.fmean(rtts), 3) if rtts else 0.0,
            "rtt_stddev": round(statistics.pstdev(rtts), 3) if rtts else 0.0,
            "results": [{"ip_address": m["address"], "rtt": float(m["rtt"])} for m in _ECHO.finditer(text)],
        }
    }


def traceroute(text: str) -> dict[str, Any]:
    """`traceroute -n`: three probes a hop; a probe without an address had the address of the one before it."""
    hops = [match for match in map(_HOP.match, text.splitlines()) if match]
    if not hops:
        return {"error": text.strip() or "traceroute said nothing"}
    return {"success": {int(hop[1]): {"probes": _probes(hop[2])} for hop in hops}}


def _probes(text: str) -> dict[int, dict[str, Any]]:
    probes: dict[int, dict[str, Any]] = {}
    address = "*"
    for number, match in enumerate(_PROBE.finditer(text), start=1):
        address = match["address"] or address
        answered = match["rtt"] is not None
        where = address if answered else "*"
        probes[number] = {"rtt": float(match["rtt"] or 0), "ip_address": where, "host_name": where}
    return probes


def _rows(text: str) -> list[dict[str, Any]]:
    """The rows of `ip -json`, which prints empty objects for what a filter left out."""
    return [row for row in json.loads(text or "[]") if row]
