"""Which process of which machine does a push, and whether it may still be at it."""

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from linjevakt.model.record import PushRecord

_LEFTOVER_AFTER: Final = timedelta(minutes=5)  # beyond its timer, a push of another machine's controller is over


def name() -> str:
    """This process: `host:pid`."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_alive(push: PushRecord, now: datetime) -> bool:
    """Whether the push may still be running: its process lives here, or another machine's has had too little time."""
    if now > push.started + timedelta(seconds=push.revert_in_s) + _LEFTOVER_AFTER:
        return False
    host, _, pid = push.worker.rpartition(":")
    return host != socket.gethostname() or Path(f"/proc/{pid}").exists()
