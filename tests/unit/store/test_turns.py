"""Turns are taken in the order in which they were asked for, and one that is not waited for is passed over."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from linjevakt.model.errors import BusyError
from linjevakt.store.turns import Turns

WAITING = 20


def test_who_came_first_goes_first() -> None:
    turns, went = Turns(), list[int]()

    def take(number: int, came: Event) -> None:
        came.set()
        with turns.take(60):
            went.append(number)

    with ThreadPoolExecutor(WAITING) as threads:
        with turns.take(60):
            for number in range(WAITING):
                came = Event()
                threads.submit(take, number, came)
                assert came.wait(60)
                while len(turns._waiting) < number + 2:  # noqa: SLF001 - nobody else has to know who waits
                    time.sleep(0.001)
        threads.shutdown()
    assert went == list(range(WAITING))


def test_one_that_gave_up_is_passed_over() -> None:
    turns = Turns()
    with turns.take(60), ThreadPoolExecutor(1) as thread, pytest.raises(BusyError, match=r"busy for 0\.01 s"):
        thread.submit(lambda: turns.take(0.01).__enter__()).result()
    with turns.take(0.01):
        pass


def test_one_whose_work_fails_lets_the_next_one_in() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.take(60):
        _ = 1 / 0
    with turns.take(0.01):
        pass
