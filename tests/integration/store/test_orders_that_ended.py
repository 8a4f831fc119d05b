"""Orders that have ended are in no snapshot: they are read by number, put right, and counted like the others."""

import pytest
from tests.integration.store.registers import claim, order, put

from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.order import OrderState
from linjevakt.store.database import BATCH
from linjevakt.store.register import Register

ENDED = (OrderState.DONE, OrderState.CANCELLED)


@pytest.mark.parametrize("state", OrderState)
def test_only_those_with_something_left_to_do_are_in_the_snapshot(register: Register, state: OrderState) -> None:
    put(register, order())
    put(register, order(state=state))
    assert [found.state for found in register.now().orders] == [state] * (state not in ENDED)
    found = register.order(1)
    assert found
    assert found.state is state
    assert [found.number for found in register.ended_orders()] == [1] * (state in ENDED)
    assert register.order(2) is None


def test_an_ended_one_was_open_as_of_the_revision_in_which_it_was(register: Register) -> None:
    put(register, order(claim()))
    opened = register.now().revision
    put(register, order(state=OrderState.DONE))
    assert register.now().orders == ()
    assert [found.number for found in register.at_revision(opened).orders] == [1]
    assert register.now().orders == ()
    assert len(register.history(EntityKind.ORDER, "1")) == 2


def test_an_ended_one_is_put_right_as_its_next_version_and_an_equal_one_is_none(register: Register) -> None:
    put(register, order(state=OrderState.DONE))
    revision = register.now().revision
    put(register, order(state=OrderState.DONE))
    assert register.now().revision == revision
    with register.edit(Author("kari", "a slip of the pen")) as draft:
        assert draft.find(EntityKind.ORDER, "1") == order(state=OrderState.DONE)
        draft.put(order(state=OrderState.DONE).model_copy(update={"reason": "another"}))
    found = register.order(1)
    assert found
    assert found.reason == "another"
    assert len(register.history(EntityKind.ORDER, "1")) == 2


def test_an_ended_one_that_is_opened_again_is_back_in_the_snapshot(register: Register) -> None:
    put(register, order(state=OrderState.CANCELLED))
    put(register, order(state=OrderState.UNDOING))
    assert [found.state for found in register.now().orders] == [OrderState.UNDOING]


def test_they_are_read_newest_first_from_a_number_on(register: Register) -> None:
    """Over the edge of what one query asks for, and with open ones between them."""
    last = BATCH + 20
    numbers = [number for number in range(1, last + 1) if number % 7]
    orders = [order(number=n, about=None, state=OrderState.DONE if n % 7 else OrderState.OPEN) for n in range(1, last)]
    put(register, *orders, order(number=last, about=None, state=OrderState.DONE))
    assert [found.number for found in register.ended_orders()] == numbers[::-1]
    assert next(register.ended_orders(30)).number == 29
    assert list(register.ended_orders(1)) == []


def test_no_number_is_given_twice(register: Register) -> None:
    """Nor within one edit; and 10 comes after 9, though it does not as a text."""
    for number in range(1, 11):
        put(register, order(number=number, about=None, state=ENDED[number % 2]))
    with register.edit(Author("kari")) as draft:
        assert draft.next_order() == 11
        draft.put(order(number=11, about=None))
        assert draft.next_order() == 12
