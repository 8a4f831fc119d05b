"""A box takes only the steps that a box can take, and is somebody's router until it is back."""

from itertools import product

import pytest

from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError

STOCK, STAGED, SHIPPED = Whereabouts.STOCK, Whereabouts.STAGED, Whereabouts.SHIPPED
INSTALLED, TO_BE_RETURNED = Whereabouts.INSTALLED, Whereabouts.TO_BE_RETURNED
RETURNED, LOST = Whereabouts.RETURNED, Whereabouts.LOST

STEPS = {
    (STOCK, STAGED),
    (STAGED, STOCK),
    (STAGED, SHIPPED),
    (STAGED, INSTALLED),
    (SHIPPED, INSTALLED),
    (SHIPPED, TO_BE_RETURNED),
    (INSTALLED, TO_BE_RETURNED),
    (TO_BE_RETURNED, RETURNED),
    (TO_BE_RETURNED, INSTALLED),
    (RETURNED, STOCK),
    (LOST, RETURNED),
    *((state, LOST) for state in Whereabouts if state is not LOST),
}


def box(state: Whereabouts, router: str | None = "rtr-a") -> Equipment:
    return Equipment(serial="LV-1", model="R1", state=state, router=router)


@pytest.mark.parametrize(("before", "after"), list(product(Whereabouts, repeat=2)))
def test_a_box_takes_exactly_the_steps_of_its_life(before: Whereabouts, after: Whereabouts) -> None:
    if (before, after) in STEPS:
        assert box(before).moved(after).state is after
    else:
        with pytest.raises(ConflictError):
            box(before).moved(after)


def test_a_step_that_no_box_takes_is_answered_with_those_that_it_can() -> None:
    with pytest.raises(ConflictError, match=r"^The box LV-1 is shipped; from there it can become: installed, lost, to"):
        box(SHIPPED).moved(STOCK)


def test_a_box_becomes_a_router_and_stays_it_until_it_is_in() -> None:
    staged = box(STOCK, None).moved(STAGED, "rtr-b")
    assert staged.router == "rtr-b"
    on_the_way_back = staged.moved(SHIPPED).moved(INSTALLED).moved(TO_BE_RETURNED)
    assert on_the_way_back.router == "rtr-b"
    assert on_the_way_back.moved(RETURNED).router is None


def test_a_lost_box_is_still_known_by_the_router_it_was() -> None:
    assert box(INSTALLED).moved(LOST).router == "rtr-a"


def test_a_box_back_in_stock_is_nobodys_router() -> None:
    assert box(STAGED).moved(STOCK).router is None
    assert box(RETURNED, None).moved(STOCK, "rtr-b").router is None


def test_the_box_that_moved_is_another_value() -> None:
    before = box(STAGED)
    before.moved(SHIPPED)
    assert before.state is STAGED
