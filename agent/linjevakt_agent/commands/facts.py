"""What the box is: its names, versions, hardware and interfaces."""

import platform
import socket
import time
from pathlib import Path
from typing import Any

from linjevakt_agent import __version__
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import interfaces
from linjevakt_agent.guard import client

DMI = "sys/class/dmi/id"
DEVICE_TREE = "proc/device-tree"
MODEL_SOURCES = (f"{DMI}/product_name", f"{DEVICE_TREE}/model")
VENDOR_SOURCES = (f"{DMI}/sys_vendor",)
UNSET = frozenset({"", "0", "none", "default string", "not specified", "to be filled by o.e.m."})
"""What manufacturers leave in the SMBIOS tables."""


def collect(root: Path) -> dict[str, Any]:
    """The facts as the contract's section 2 has them.

    Raises CollectError when the interfaces cannot be read, UnavailableError when the serial number cannot be asked for.
    """
    os_release = _text(root / "etc/os-release")
    return {
        "hostname": socket.gethostname(),
        "serial": serial(Paths(root)),
        "model": model(root),
        "vendor": _first(root, VENDOR_SOURCES) or _setting(os_release, "NAME"),
        "os_version": os_version(os_release),
        "agent_version": __version__,
        "uptime_s": round(time.clock_gettime(time.CLOCK_BOOTTIME), 1),
        "interfaces": [interface.name for interface in interfaces.read()],
    }


def serial(paths: Paths) -> str:
    """The number that `identity` gives the box; the guard tells it to those who may not look among the private keys."""
    try:
        return (paths.identity / "serial").read_text(encoding="utf-8").strip()
    except OSError:
        return str(client.call(paths, "identity")["serial"])


def model(root: Path) -> str:
    """The hardware's model as its firmware names it, else the processor's architecture."""
    return _first(root, MODEL_SOURCES) or platform.machine()


def os_version(os_release: str) -> str:
    """PRETTY_NAME of os-release(5) with the kernel's version."""
    return f"{_setting(os_release, 'PRETTY_NAME')} ({platform.release()})"


def _setting(os_release: str, name: str) -> str:
    rows = (row.partition("=") for row in os_release.splitlines())
    return {key: value.strip("\"'") for key, _, value in rows}.get(name, platform.system())


def _first(root: Path, sources: tuple[str, ...]) -> str:
    """The first of the files that says something."""
    found = (_text(root / source) for source in sources)
    return next((text for text in found if text.lower() not in UNSET), "")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""
