"""A clock of a box's own, wrong at will: libfaketime under each of its programs, while the host's clock stays as it is.

Where it is set, the clocks that only count (CLOCK_MONOTONIC, CLOCK_BOOTTIME) jump with it, as no machine's do:
libfaketime 0.9.10 leaves them alone if told to, but then no `time.sleep` of Python's ever ends.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from linjevakt_lab.errors import LabError

_LIBRARY = Path("/usr/lib/faketime/libfaketimeMT.so.1")
_OFFSET = Path("/etc/faketimerc")
_SET = Path("/usr/lib/linjevakt/set-clock")
_PRELOAD = Path("/etc/ld.so.preload")
_HOST = Path("/etc/linjevakt-agent/host.toml")
_SETTER = f"""#!/bin/sh
# Sets this box's own clock to the Unix time $1, as `date --set` does where it is the machine's.
read -r offset < {_OFFSET}
printf '%+ds\\n' $(( $1 - $(date +%s) + ${{offset%s}} )) > {_OFFSET}.new && mv {_OFFSET}.new {_OFFSET}
"""


def wind(disk: Path, layer: Path, to: datetime) -> None:
    """Give the box with this disk, above this layer, a clock that will say `to` now; raises LabError.

    The box is off: programs that run already would keep theirs.
    """
    offset = round((to - datetime.now(UTC)).total_seconds())
    host = (layer / _HOST.relative_to("/")).read_text()
    _write(disk, _OFFSET, f"{offset:+d}s\n")
    _write(disk, _SET, _SETTER, 0o755)
    _write(disk, _HOST, f'{host}clock = ["{_SET}", "{{time}}"]\n')
    _copy_library(disk)
    _write(disk, _PRELOAD, f"{_LIBRARY}\n")


def remove(disk: Path) -> None:
    """Give the box with this disk the host's clock again."""
    for path in (_PRELOAD, _HOST):
        (disk / path.relative_to("/")).unlink(missing_ok=True)


def _copy_library(disk: Path) -> None:
    found = next(Path("/usr/lib").glob(f"*/faketime/{_LIBRARY.name}"), None)
    if found is None:
        raise LabError("libfaketime is not installed; lab/packages.txt names what the lab needs.")
    target = disk / _LIBRARY.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(found, target)


def _write(disk: Path, path: Path, text: str, mode: int = 0o644) -> None:
    target = disk / path.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    target.chmod(mode)
