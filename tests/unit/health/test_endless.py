"""Tables and texts of a router that have no end."""

import time
from itertools import count

import pytest

from linjevakt.health.gufo import bounded
from linjevakt.model.errors import DeviceError


def test_a_table_without_end_is_left() -> None:
    with pytest.raises(DeviceError, match="more than 30000 rows"):
        list(bounded(((f"1.3.6.{n}", n) for n in count()), time.monotonic() + 600))


def test_a_table_that_trickles_is_left() -> None:
    with pytest.raises(DeviceError, match="more than 20 s"):
        list(bounded([("1.3.6.1", 1)], time.monotonic() - 1))


def test_an_honest_table_is_read() -> None:
    rows = [(f"1.3.6.{n}", n) for n in range(5000)]
    assert list(bounded(rows, time.monotonic() + 60)) == rows
