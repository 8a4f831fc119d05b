"""The daemons of one process: each on a thread of its own beside the HTTP server, and ended with it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

Work = Callable[[threading.Event], None]
"""Goes on until the event is set; ends what it is at, begins nothing new, and lets go of what it holds."""


@contextmanager
def beside(daemons: Mapping[str, Work]) -> Iterator[None]:
    """Lets all of them go on, by name, while the block runs; then waits until the last has ended."""
    with ExitStack() as running:
        for name, work in daemons.items():
            running.enter_context(_thread(name, work))
        yield


@contextmanager
def _thread(name: str, work: Work) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
