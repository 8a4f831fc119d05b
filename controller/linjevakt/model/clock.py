"""A router's clock against ours: certificates, logs and changes are dated by either."""

from datetime import datetime, timedelta
from typing import Final

from linjevakt.model.saying import Saying

TOLERANCE: Final = timedelta(seconds=60)
"""chrony steps a clock that is a second off (`makestep` of the template); no answer of a router takes a minute."""


def fault(box: datetime, asked: datetime, answered: datetime) -> str:
    """What is wrong with a clock that said `box` at some time between our question and its answer; empty if nothing."""
    if asked - TOLERANCE <= box <= answered + TOLERANCE:
        return ""
    return Saying(
        "the clock is wrong (box says {box}, controller says {controller})", box=_told(box), controller=_told(answered)
    )


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
