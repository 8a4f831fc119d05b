"""A network namespace of a test's own: it belongs to a thread, and to the threads that this one starts."""

import ctypes
import os
import subprocess
from collections.abc import Callable

InNamespace = Callable[[Callable[[], None]], None]
_CLONE_NEWNET = 0x40000000


def enter() -> None:
    """Take this thread to a fresh namespace with wan0, wan1 and lan0, each with its other end in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    for name in ("wan0", "wan1", "lan0"):
        ip("link", "add", name, "type", "veth", "peer", "name", f"{name}p")
        ip("link", "set", f"{name}p", "up")


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout
