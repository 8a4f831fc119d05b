"""Traffic shaping: lines of `tc -batch`, put on a device when it is there and again when it comes back."""

import re
import socket

from linjevakt_agent.base import tools
from linjevakt_agent.base.errors import ApplyError
from linjevakt_agent.base.tools import ToolError

_ROOT = re.compile(r"qdisc .*\b(root|ingress)\b")
_BELOW = re.compile(r"(class|qdisc|filter) replace (dev \S+ parent \S+(?: classid \S+| .* u32\b)?)")
_INTERMEDIATE = re.compile(r"ifb\d+")


def device(line: str) -> str | None:
    """Return the device that a line of `tc -batch` is about; None for a comment or an empty line."""
    words = line.split("#", 1)[0].split()
    return words[words.index("dev") + 1] if "dev" in words[:-1] else None


def devices(batch: str) -> list[str]:
    """Return the devices named, each once, in the order in which they come."""
    return list(dict.fromkeys(name for line in batch.splitlines() if (name := device(line))))


def apply(old: str, new: str) -> None:
    """Bring the devices that are there from `old` to `new`; what stays loses no packet. Raises ApplyError."""
    make_intermediate(new)
    for name in dict.fromkeys(devices(old) + devices(new)):
        if exists(name) and not _altered(steps(_lines(name, old), _lines(name, new))):
            put_on(name, new)


def steps(old: list[str], new: list[str]) -> list[str] | None:
    """Return the `tc` commands that lead from one device's lines to others; None if it must be done from scratch.

    A root cannot be changed, only made anew. Below it `replace` changes what there is; of what goes, the last made goes
    first.
    """
    if not old or list(filter(_ROOT.match, old)) != list(filter(_ROOT.match, new)):
        return None
    made, kept = ({_below(line) for line in lines if not _ROOT.match(line)} for lines in (old, new))
    if None in made | kept:
        return None
    gone = [_below(line) for line in reversed(old) if _below(line) in made - kept]
    return [line for line in new if line not in old] + [f"{thing[0]} delete {thing[1]}" for thing in gone if thing]


def _lines(name: str, batch: str) -> list[str]:
    return [line.split("#", 1)[0].strip() for line in batch.splitlines() if device(line) == name]


def _below(line: str) -> tuple[str, str] | None:
    """Return what a line below a root makes: the kind of thing, and the words that name it."""
    found = _BELOW.match(line)
    return (found[1], found[2]) if found else None


def _altered(commands: list[str] | None) -> bool:
    if commands is None:
        return False
    try:
        tools.run(["tc", "-batch", "-"], stdin="".join(f"{command}\n" for command in commands))
    except ToolError:
        return False  # the device is not as it was left
    return True


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
    return name in {there for _index, there in socket.if_nameindex()}


class Arrivals:
    """Tells which devices have come, or come back, since it was last asked; `ipsec0` does whenever charon starts."""

    def __init__(self) -> None:
        self._known = set(socket.if_nameindex())

    def take(self) -> set[str]:
        """Return their names."""
        known, self._known = self._known, set(socket.if_nameindex())
        return {name for _index, name in self._known - known}
