"""Traffic shaping: lines of `tc -batch`, put on a device when it is there and again when it comes back."""

import re
import socket
from pathlib import Path

from linjevakt_agent import tools
from linjevakt_agent.errors import ApplyError
from linjevakt_agent.tools import ToolError

_DEVICES = Path("/sys/class/net")
_INTERMEDIATE = re.compile(r"ifb\d+")


def device(line: str) -> str | None:
    """Return the device that a line of `tc -batch` is about; None for a comment or an empty line."""
    words = line.split("#", 1)[0].split()
    return words[words.index("dev") + 1] if "dev" in words[:-1] else None


def devices(batch: str) -> list[str]:
    """Return the devices named, each once, in the order in which they come."""
    return list(dict.fromkeys(name for line in batch.splitlines() if (name := device(line))))


def apply(old: str, new: str) -> None:
    """Take `old` off the devices and put `new` on those that are there. Raises ApplyError naming the device."""
    make_intermediate(new)
    for name in dict.fromkeys(devices(old) + devices(new)):
        if exists(name):
            put_on(name, new)


def make_intermediate(batch: str) -> None:
    """Make the devices `ifbN` that the batch names: what arrives is shaped by leaving through one, and `tc` makes none.

    Raises ApplyError.
    """
    there = {name for _index, name in socket.if_nameindex()}
    for name in devices(batch):
        if _INTERMEDIATE.fullmatch(name) and name not in there:
            try:
                tools.run(["ip", "link", "add", name, "up", "type", "ifb"])
            except ToolError as error:
                raise ApplyError(f"{name}: {error.message}", section="shaping.tc") from error


def put_on(name: str, batch: str) -> None:
    """Give one device exactly the shaping that `batch` has for it, from scratch."""
    clear(name)
    lines = [line for line in batch.splitlines() if device(line) == name]
    try:
        tools.run(["tc", "-batch", "-"], stdin="".join(f"{line}\n" for line in lines))
    except ToolError as error:
        raise ApplyError(f"{name}: {error.message}", section="shaping.tc") from error


def clear(name: str) -> None:
    """Bring a device back to the kernel's own queues."""
    for handle in ("root", "ingress"):
        try:
            tools.run(["tc", "qdisc", "delete", "dev", name, handle])
        except ToolError:
            continue  # tc fails when there was nothing to delete, which is what we want


def exists(name: str) -> bool:
    """Whether the kernel has the device now."""
    return (_DEVICES / name).exists()


class Arrivals:
    """Tells which devices have come, or come back, since it was last asked; `ipsec0` does whenever charon starts."""

    def __init__(self) -> None:
        self._known = set(socket.if_nameindex())

    def take(self) -> set[str]:
        """Return their names."""
        known, self._known = self._known, set(socket.if_nameindex())
        return {name for _index, name in self._known - known}
