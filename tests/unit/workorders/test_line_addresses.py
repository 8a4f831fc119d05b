"""An order says how a line is addressed: what no line can have is refused when the order is placed."""

from typing import Any

import pytest
from tests.unit.workorders.papers import MOBILE, OWN_ISP, PLACE, new_site

from linjevakt.model.errors import LinjevaktError
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk

WAYS = [
    ("127.0.0.2/30", "127.0.0.1", "127.0.0.2 is a loopback address"),
    ("224.0.0.6/30", "224.0.0.5", "224.0.0.6 is a multicast address"),
    ("203.0.113.1/30", "203.0.113.2", "which is a hub's address"),
    ("10.64.2.77/24", "10.64.2.1", "inside the closed network"),
    ("192.0.2.2/30", "198.18.0.1", "198.18.0.1 is not in 192.0.2.0/30"),
]


def ordered(kind: str, line: dict[str, Any]) -> dict[str, Any]:
    """A wish that brings the line."""
    wishes: dict[str, dict[str, Any]] = {
        "relocation": {"site": "fjellheim", "place": PLACE, "lines": [line]},
        "line_change": {"site": "fjellheim", "lines": [line]},
        "new_site": new_site() | {"lines": [line, MOBILE]},
    }
    return wishes[kind]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", ["addressing", "alternatives"])
@pytest.mark.parametrize("kind", ["relocation", "line_change", "new_site"])
def test_an_order_that_addresses_a_line_as_none_can_be_is_refused_and_leaves_nothing(
    desk: Desk, store: Store, kind: str, field: str, way: tuple[str, str, str]
) -> None:
    address, gateway, said = way
    static = {"method": "static", "address": address, "gateway": gateway}
    line = OWN_ISP | {field: static if field == "addressing" else [static]}
    with pytest.raises(LinjevaktError, match=said.replace(".", r"\.")):
        desk.new(kind, ordered(kind, line), "kari")
    assert desk.orders(every=True) == ()
    assert "rtr-nygata" not in {site.router.name for site in store.inventory().sites}


@pytest.mark.parametrize("field", ["addressing", "alternatives"])
@pytest.mark.parametrize("kind", ["relocation", "line_change", "new_site"])
def test_an_order_for_pppoe_is_refused_where_the_platform_cannot_with_what_to_ask_for(
    desk: Desk, kind: str, field: str
) -> None:
    way = {"method": "pppoe"}
    line = OWN_ISP | {field: way if field == "addressing" else [way]}
    with pytest.raises(LinjevaktError, match=r"platform linux cannot .* by PPPoE\. Have the provider's modem dial in"):
        desk.new(kind, ordered(kind, line), "kari")
    assert desk.orders(every=True) == ()


@pytest.mark.parametrize("kind", ["relocation", "line_change", "new_site"])
def test_an_order_may_bring_a_line_that_its_provider_tags(desk: Desk, kind: str) -> None:
    order = desk.new(kind, ordered(kind, OWN_ISP | {"name": "wan2.102", "priority": 3}), "kari")
    assert desk.orders() == (order,)


@pytest.mark.parametrize(
    "name", ["wan0.0", "wan0.4095", "wan0.0102", "wan0.x", "wan0.", "wan0.1.2", "wan0longname.102"]
)
def test_what_is_no_name_of_a_line_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(LinjevaktError, match=r"lines.*name"):
        desk.new("line_change", ordered("line_change", OWN_ISP | {"name": name}), "kari")


def test_a_port_that_carries_a_tagged_line_is_no_port_of_a_segment(desk: Desk, store: Store) -> None:
    port = next(one for one in store.inventory().sites if one.key == "fjellheim").segments[0].port
    with pytest.raises(LinjevaktError, match=rf"{port} is a line of this router \({port}\.102\)"):
        desk.new("line_change", ordered("line_change", OWN_ISP | {"name": f"{port}.102", "priority": 3}), "kari")
