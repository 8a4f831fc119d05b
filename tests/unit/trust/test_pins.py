"""Who writes the row of a pinned box, while another one writes it at that moment: nothing that was said is undone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests import prepared
from tests.boxes import claim
from tests.dossiers import opened
from tests.registers import save_inventory

from linjevakt.model.errors import ConflictError, NotFoundError, StolenError
from linjevakt.model.inventory import Inventory
from linjevakt.model.record import BoxIdentity, Certificate, Stage
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault, enrol

ROUTER = "rtr-fjellheim"
LATER = timedelta(days=61)


class Interrupted(Store):
    """Something happens between a certificate's being issued and the box's being written down."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.meanwhile: Callable[[], None] | None = None
        self._issue, self.certificates.issue = self.certificates.issue, self._issued  # type: ignore[method-assign]  # that is the interruption

    def _issued(self, certificate: Certificate) -> None:
        self._issue(certificate)
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens()


@dataclass(frozen=True)
class Office:
    """A vault over a store that is interrupted, and a box that was pinned today."""

    store: Interrupted
    vault: Vault
    inventory: Inventory
    box: BoxIdentity

    def pin(self, box: BoxIdentity) -> None:
        enrol.enrol(self.vault, opened(self.vault, self.inventory, ROUTER), box)

    def renew(self) -> str:
        """The certificate of the router's configuration in two months."""
        router = opened(self.vault, self.inventory, ROUTER)
        return enrol.identity(self.vault, router, datetime.now(UTC) + LATER).certificate


@pytest.fixture
def office(tmp_path: Path, inventory: Inventory) -> Iterator[Office]:
    store = Interrupted(prepared.migrated(tmp_path))
    save_inventory(store, inventory, "kari")
    made = Office(store, Vault(store, SealKey.generate()), inventory, BoxIdentity(**claim("LV-0011")))
    made.pin(made.box)
    yield made
    store.close()


def test_a_renewal_does_not_let_in_a_box_that_was_stolen_meanwhile(office: Office) -> None:
    """The attack: the whole row was written back as it had been read, `live`, over `shut_out`."""
    office.store.devices.set_stage(ROUTER, Stage.LIVE)
    office.store.meanwhile = lambda: office.store.devices.shut_out("LV-0011")
    with pytest.raises(ConflictError, match="shut out"):
        office.renew()
    assert office.store.devices.get(ROUTER).stage is Stage.SHUT_OUT
    assert all(one.revoked for one in office.store.certificates.all(router=ROUTER)), "the one just issued as well"


def test_a_renewal_does_not_put_the_former_box_back_over_one_that_was_pinned_meanwhile(office: Office) -> None:
    other = BoxIdentity(**claim("LV-0011"))  # installed anew: it has made itself new keys
    office.store.meanwhile = lambda: office.pin(other)
    renewed = office.renew()
    found = office.store.devices.get(ROUTER)
    assert (found.csr, found.host_key, found.certificate) == (other.csr, other.ssh_host_key, renewed)


def test_a_renewal_does_not_bring_back_a_router_that_was_forgotten_meanwhile(office: Office) -> None:
    office.store.meanwhile = lambda: office.store.devices.remove(ROUTER)
    with pytest.raises(NotFoundError):
        office.renew()
    assert office.store.devices.all() == ()


def test_a_renewal_leaves_the_stage_that_a_push_has_reached_meanwhile(office: Office) -> None:
    office.store.meanwhile = lambda: office.store.devices.set_stage(ROUTER, Stage.LIVE)
    renewed = office.renew()
    found = office.store.devices.get(ROUTER)
    assert (found.stage, found.certificate) == (Stage.LIVE, renewed)


def test_a_box_that_is_stolen_while_it_is_pinned_anew_stays_shut_out(office: Office) -> None:
    office.store.meanwhile = lambda: office.store.devices.shut_out("LV-0011")
    with pytest.raises(StolenError):
        office.pin(office.box)
    assert office.store.devices.get(ROUTER).stage is Stage.SHUT_OUT
