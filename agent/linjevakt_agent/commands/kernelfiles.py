"""What the kernel says of the hardware in files that one would need a shell to gather: raw, for others to parse."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_BETWEEN_S = 0.3
"""Between the two looks at `/proc/stat` that a processor's load is the difference of."""

_SENSORS = ("temp*_*", "fan*_input")


def read(root: Path, what: str) -> dict[str, Any]:
    """Return `{"speeds"}` of the interfaces, or `environment`: `{"processors", "memory", "sensors"}`.

    `speeds` and `sensors` have a line `PATH:VALUE` for each file that can be read; `processors` is `/proc/stat` twice.
    """
    if what == "speeds":
        return {"speeds": _rows(sorted((root / "sys/class/net").glob("*/speed")))}
    stat = root / "proc/stat"
    before = stat.read_text()
    time.sleep(_BETWEEN_S)
    folders = sorted((root / "sys/class/hwmon").glob("hwmon*"))
    sensors = [file for folder in folders for pattern in _SENSORS for file in sorted(folder.glob(pattern))]
    memory = (root / "proc/meminfo").read_text()
    return {"processors": before + stat.read_text(), "memory": memory, "sensors": _rows(sensors)}


def line(file: Path) -> str | None:
    """Return what a file of one line says; None where it cannot be read, or is empty."""
    return _text(file).strip() or None


def _rows(files: Iterable[Path]) -> str:
    return "".join(f"{file}:{line}\n" for file in files for line in _text(file).splitlines() if line)


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # a link that is down has no speed, a sensor may be out of order
        return ""
