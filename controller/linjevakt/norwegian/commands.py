"""What the commands themselves say."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "Fault in Linjevakt: {fault} (LINJEVAKT_TRACEBACK=1 shows where)": (
        "Feil i Linjevakt: {fault} (LINJEVAKT_TRACEBACK=1 viser hvor)"
    ),
    "Error: {}": "Feil: {}",
    "Error: {}: not yet.": "Feil: {}: ikke ennå.",
    "{n} finding": "{n} funn",
    "{n} findings": "{n} funn",
}
