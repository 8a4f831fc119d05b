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


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", ["addressing", "alternatives"])
@pytest.mark.parametrize("kind", ["relocation", "line_change", "new_site"])
def test_an_order_that_addresses_a_line_as_none_can_be_is_refused_and_leaves_nothing(
    desk: Desk, store: Store, kind: str, field: str, way: tuple[str, str, str]
) -> None:
    address, gateway, said = way
    static = {"method": "static", "address": address, "gateway": gateway}
    line = OWN_ISP | {field: static if field == "addressing" else [static]}
    wishes: dict[str, dict[str, Any]] = {
        "relocation": {"site": "fjellheim", "place": PLACE, "lines": [line]},
        "line_change": {"site": "fjellheim", "lines": [line]},
        "new_site": new_site() | {"lines": [line, MOBILE]},
    }
    with pytest.raises(LinjevaktError, match=said.replace(".", r"\.")):
        desk.new(kind, wishes[kind], "kari")
    assert desk.orders(every=True) == ()
    assert "rtr-nygata" not in {connection.router.name for connection in store.inventory().connections}
