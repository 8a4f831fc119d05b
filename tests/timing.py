"""How long something may take on a machine that others keep busy: what hangs is caught, what is only slow is not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

HANGS_S = 60.0
"""Nothing that a test waits for takes a hundredth of it; what it looks for (a peer without an end) takes for ever."""


@contextmanager
def ends() -> Iterator[None]:
    """Fails where what is done within has lasted so long that it would have gone on."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < HANGS_S
