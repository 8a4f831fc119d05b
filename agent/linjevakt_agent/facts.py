"""What the box is: its names, versions, hardware and interfaces."""

import platform
import socket
import time
from pathlib import Path
from typing import Any

from linjevakt_agent import __version__
from linjevakt_agent.collect import interfaces

DMI = "sys/class/dmi/id"
DEVICE_TREE = "proc/device-tree"
SERIAL_SOURCES = (f"{DMI}/product_serial", f"{DEVICE_TREE}/serial-number", "etc/machine-id")
MODEL_SOURCES = (f"{DMI}/product_name", f"{DEVICE_TREE}/model")
VENDOR_SOURCES = (f"{DMI}/sys_vendor",)
NO_SERIAL = frozenset({"", "0", "none", "default string", "not specified", "to be filled by o.e.m."})
"""What manufacturers leave in the SMBIOS tables."""


def collect(root: Path) -> dict[str, Any]:
    """The facts as the contract's section 2 has them; raises CollectError when the interfaces cannot be read."""
    os_release = _text(root / "etc/os-release")
    return {
        "hostname": socket.gethostname(),
        "serial": serial(root),
        "model": _first(root, MODEL_SOURCES) or platform.machine(),
        "vendor": _first(root, VENDOR_SOURCES) or _setting(os_release, "NAME"),
        "os_version": os_version(os_release),
        "agent_version": __version__,
        "uptime_s": round(time.clock_gettime(time.CLOCK_BOOTTIME), 1),
        "interfaces": [interface.name for interface in interfaces.read()],
    }


def serial(root: Path) -> str:
    """The hardware's serial number, else the installation's machine id, else empty."""
    return _first(root, SERIAL_SOURCES)


def os_version(os_release: str) -> str:
    """PRETTY_NAME of os-release(5) with the kernel's version."""
    return f"{_setting(os_release, 'PRETTY_NAME')} ({platform.release()})"


def _setting(os_release: str, name: str) -> str:
    rows = (row.partition("=") for row in os_release.splitlines())
    return {key: value.strip("\"'") for key, _, value in rows}.get(name, platform.system())


def _first(root: Path, sources: tuple[str, ...]) -> str:
    """The first of the files that says something."""
    found = (_text(root / source) for source in sources)
    return next((text for text in found if text.lower() not in NO_SERIAL), "")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""
