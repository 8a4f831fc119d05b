"""The garbage collector of a process that keeps ten thousand sites: as it comes, half of all time goes into it."""

import gc
from typing import Final

_THRESHOLDS: Final = (50_000, 20, 100)  # objects, and how many rounds of one age make one of the next


def tune() -> None:
    """Looks less often for what refers to itself: of values that are read and never change there is nothing to find."""
    gc.set_threshold(*_THRESHOLDS)


def settle() -> None:
    """What is there now stays: later rounds pass it over."""
    gc.collect()
    gc.freeze()
