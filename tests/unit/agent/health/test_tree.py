"""The walk through a tree of objects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import encoder
from pysnmp.proto import rfc1902
from pysnmp.proto.api import v2c
from pysnmp.proto.mpmod.rfc3412 import ScopedPDU

from linjevakt_agent.snmp import mib, responder
from linjevakt_agent.snmp.tree import Column, Oid, Scalar, Table, Tree

ROWS = st.dictionaries(st.integers(1, 2**31 - 1), st.integers(), max_size=8)


def tree(first: dict[int, int], second: dict[int, int]) -> Tree[None]:
    def table(prefix: Oid, rows: dict[int, int]) -> Table[None]:
        return Table(prefix, lambda _: rows, tuple(Column(number, int, lambda row: row) for number in (2, 5)))

    return Tree([table((1, 9, 1), second), Scalar((1, 3), int, lambda _: 7), table((1, 4, 1), first)], None)


@given(ROWS, ROWS)
def test_a_walk_meets_every_instance_once_and_in_order(first: dict[int, int], second: dict[int, int]) -> None:
    walked, here = [], tree(first, second)
    oid: Oid = (1,)
    while found := here.next(oid):
        oid = found[0]
        walked.append(oid)
    assert walked == sorted(set(walked))
    assert len(walked) == 1 + 2 * (len(first) + len(second))
    assert all(here.get(name) and here.has_object(name) for name in walked)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6))
def test_the_successor_of_any_oid_is_the_first_instance_after_it(numbers: list[int]) -> None:
    here, oid = tree({1: 10, 2: 20}, {3: 30}), tuple(numbers)
    every = [(1, 3, 0), *[(1, 4, 1, c, i) for c in (2, 5) for i in (1, 2)], *[(1, 9, 1, c, 3) for c in (2, 5)]]
    found = here.next(oid)
    assert (found and found[0]) == next((name for name in every if name > oid), None)


def test_rows_that_cannot_be_read_do_not_stop_a_walk_that_ends_before_them() -> None:
    def broken(_: None) -> dict[int, int]:
        raise KeyError("rows")

    here: Tree[None] = Tree(
        [Scalar((1, 1), int, lambda _: 1), Scalar((1, 2), int, lambda _: 2), Table((1, 3, 1), broken, ())], None
    )
    found = here.next((1, 1, 0))
    assert found
    assert found[1]() == 2
    with pytest.raises(KeyError, match="rows"):
        here.next((1, 2, 0))


OIDS = st.tuples(st.just(1), st.just(3), st.integers(0, 2**32 - 1), st.integers(0, 300))
VALUES = st.one_of(
    st.binary(max_size=400).map(rfc1902.OctetString),
    st.integers(0, 2**64 - 1).map(rfc1902.Counter64),
    st.integers(0, 2**32 - 1).map(rfc1902.Gauge32),
    st.integers(-(2**31), 2**31 - 1).map(rfc1902.Integer32),
    OIDS.map(rfc1902.ObjectIdentifier),
)


@given(st.lists(st.tuples(OIDS.map(rfc1902.ObjectName), VALUES), max_size=5))
def test_an_answer_is_never_larger_than_it_was_reckoned_to_be(binds: list[tuple[Any, Any]]) -> None:
    pdu, scoped = v2c.ResponsePDU(), ScopedPDU()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_varbinds(pdu, binds)
    scoped["contextEngineId"], scoped["contextName"] = bytes(32), b""
    scoped["data"]["response"] = pdu
    assert len(encoder.encode(scoped)) <= responder.octets(binds)


@pytest.mark.parametrize(("value", "shown"), [(-1, 0), (0.6, 1), (2**32 + 5, 2**32 - 1)])
def test_a_gauge_stays_at_its_ends(value: float, shown: int) -> None:
    assert int(mib.gauge(value)) == shown


def test_a_counter_wraps() -> None:
    assert int(mib.counter32(2**32 + 5)) == 5


def test_a_long_text_is_cut_between_characters() -> None:
    assert bytes(mib.text("ø" * 200)).decode() == "ø" * 127
