"""What is said to whoever works from the wrong place."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "routers let in {controllers} alone (`controllers` of the installation), and this machine is not there: "
    "run it there; for a lab as `lab linjevakt ...`": (
        "ruterne slipper bare inn {controllers} (`controllers` i installasjonen), og denne maskinen er ikke der: "
        "kjør kommandoen der; for en lab som `lab linjevakt ...`"
    ),
}
