"""Whose fault it may be that a line is down, and whom to call: with a number, and not the provider for what is ours."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests import prepared
from tests.boxes import claim
from tests.registers import save_inventory
from tests.unit.fleet.test_fleet import PlainRouter
from tests.unit.push.fake_router import FakeClock

from linjevakt.devices import RawProof
from linjevakt.inventory import load_catalogue
from linjevakt.model import faultdesk
from linjevakt.model.inventory import Dhcp, Inventory, LineKind
from linjevakt.model.order import FailedLeg
from linjevakt.provisioning.fleet import Fleet
from linjevakt.trust import SealKey, Vault
from linjevakt.workorders import field
from linjevakt.workorders.trouble import TroubleError

ROUTER = "rtr-fjellheim"
CHECK = "check first that the provider gave it 198.51.100.2/30, gateway 198.51.100.1"


class Standing(PlainRouter):
    """A router whose wan0 is down while `why` says so."""

    why = ""

    def prove(self) -> RawProof:
        found = super().prove()
        if not self.why:
            return found
        wan0, *others = found.lines
        down = wan0.model_copy(update={"up": False, "detail": self.why})
        return found.model_copy(update={"lines": (down, *others)})


@pytest.fixture
def site() -> Standing:
    return Standing(FakeClock())


@pytest.fixture
def fleet(tmp_path: Path, inventory: Inventory, site: Standing) -> Iterator[Fleet]:
    with closing(prepared.checked(prepared.migrated(tmp_path), clock=site.clock.now)) as store:
        save_inventory(store, inventory, "kari")
        made = Fleet(
            store, Vault(store, SealKey.generate()), load_catalogue(None), connect=site.connect, clock=site.clock
        )
        made.boxes.stage(ROUTER, claim())
        yield made


def changed(inventory: Inventory, **changes: object) -> Inventory:
    """Fjellheim with another wan0."""
    first, *others = inventory.sites
    wan0, *lines = first.lines
    site = first.model_copy(update={"lines": (wan0.model_copy(update=changes), *lines)})
    return inventory.model_copy(update={"sites": (site, *others)})


def _down(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> FailedLeg:
    monkeypatch.setattr(field, "LINES_UP_WITHIN_S", 0.0)
    with pytest.raises(TroubleError) as caught:
        field.Field(fleet, lambda _step: None).proven(ROUTER)
    (leg,) = caught.value.legs
    return leg


def test_a_fixed_address_that_nobody_answers_at_is_looked_at_before_the_provider_is_called(
    fleet: Fleet, site: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.why = "3 probes in a row unanswered"
    leg = _down(fleet, monkeypatch)
    assert (str(leg.detail), leg.call) == (f"wan0 is down: {site.why}; {CHECK}", "NHN 02017, Eksempelnett 22 00 00 00")


@pytest.mark.parametrize("why", ["no carrier", "link is down", "no such interface"])
def test_a_line_without_its_cable_is_its_providers_whatever_its_address(
    fleet: Fleet, site: Standing, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    site.why = why
    leg = _down(fleet, monkeypatch)
    assert (str(leg.detail), leg.call) == (f"wan0 is down: {why}", "Eksempelnett 22 00 00 00")


def test_a_line_that_its_provider_addresses_is_its_providers(
    fleet: Fleet, site: Standing, inventory: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_inventory(fleet.store, changed(inventory, addressing=Dhcp()), "kari")
    site.why = "no DHCP lease"
    assert _down(fleet, monkeypatch).call == "Eksempelnett 22 00 00 00"


def test_a_line_that_a_push_has_taken_down_is_ours(fleet: Fleet, site: Standing) -> None:
    site.aftermath["commit"] = lambda: setattr(site, "fault", "downs-wan0")
    with pytest.raises(TroubleError) as caught:
        field.Field(fleet, lambda _step: None).push(ROUTER)
    found = [(str(leg.detail), leg.call) for leg in caught.value.legs if leg.name == "line"]
    assert found == [("wan0 is down and in use since the change", "NHN 02017")]


def test_a_number_is_found_where_the_provider_has_one(inventory: Inventory) -> None:
    second = inventory.sites[1]
    other = second.lines[0].model_copy(
        update={"kind": LineKind.OWN_ISP, "provider": "EKSEMPELNETT", "fault_phone": None}
    )
    assert faultdesk.of_line(inventory, other) == "EKSEMPELNETT 22 00 00 00"
    unknown = other.model_copy(update={"provider": "Korgen Fiber"})
    assert faultdesk.of_line(inventory, unknown) == "NHN 02017 (Korgen Fiber)"


@pytest.mark.parametrize("kind", [LineKind.NHN_DELIVERED, LineKind.MOBILE])
def test_a_line_that_nhn_delivers_is_nhns_whatever_number_it_has(inventory: Inventory, kind: LineKind) -> None:
    line = inventory.sites[0].lines[0].model_copy(update={"kind": kind})
    assert faultdesk.of_line(inventory, line) == "NHN 02017"
