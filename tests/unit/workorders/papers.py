"""What comes in with an order: wishes, answers, and what the stock says afterwards."""

from typing import Any

from linjevakt.model.equipment import Whereabouts
from linjevakt.store import Store
from linjevakt.workorders.desk import Desk

OWNER, SHARER = "310000019", "310000027"
PLACE = {
    "street": "Nygata 4", "postcode": "9008", "city": "Tromsø", "municipality": "Tromsø", "floor": "1", "room": "11",
}  # fmt: skip
OWN_ISP: dict[str, Any] = {"name": "wan0", "kind": "own_isp", "provider": "Nyfiber"}
MOBILE: dict[str, Any] = {"name": "wan1", "kind": "mobile", "provider": "Eksempelmobil", "priority": 2}
SURVEY = {"locked": "yes", "ventilation": "yes", "power": "yes", "coverage": "yes", "coverage_dbm": "-87"}
SUBSCRIPTION = {"business": "yes", "document": "bekreftelse 17"}


def new_site(key: str = "nygata", organisation: str = OWNER) -> dict[str, Any]:
    return {
        "owner": organisation,
        "site": {"key": key, "name": f"{key} legekontor", **PLACE},
        "lines": [OWN_ISP, MOBILE],
        "segments": [{"name": "kontor", "organisation": organisation, "port": "lan0"}],
    }


def stock(store: Store) -> dict[str, Whereabouts]:
    return {box.serial: box.state for box in store.register.now().equipment}


def on_its_way(desk: Desk) -> int:
    """A relocation whose router is to be unplugged."""
    number = desk.new("relocation", {"site": "fjellheim", "place": PLACE, "lines": [OWN_ISP]}, "kari").number
    desk.record(number, "ola", SUBSCRIPTION)
    desk.record(number, "ola", SURVEY)
    assert desk.run(number).step == "unplug"
    return number
