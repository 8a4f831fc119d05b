"""What is read from the database follows what is asked for, and not how many routers there are."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from tests import prepared
from tests.bench import large
from tests.boxes import claim
from tests.dossiers import opened
from tests.registers import save_inventory

from linjevakt import overview
from linjevakt.daemons import renewal
from linjevakt.inventory import generate, load_catalogue
from linjevakt.model.record import Reason
from linjevakt.provisioning import revocation
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import records
from linjevakt.trust import SealKey, Vault, crl
from linjevakt.trust.enrol import identity

SITES = 40
NOW = datetime.now(UTC)
HUB = "hub-oslo"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Each router staged, pushed, polled, and with one certificate revoked beside the one that it runs."""
    url = prepared.migrated(tmp_path)
    with closing(prepared.checked(url)) as store:
        made = Fleet(store, Vault(store, SealKey.generate()), load_catalogue(None))
        save_inventory(store, generate(SITES), "kari")
        made.boxes.stage(HUB, claim("LV-0001"))
        large.fill(store, url, store.devices.get(HUB), NOW - timedelta(days=8))
        yield made


class Read:
    """The queries that were made, and the rows that were made values of the model."""

    def __init__(self) -> None:
        self.queries: list[str] = []
        self.rows: list[str] = []

    def counted(self, kind: str, read: Callable[[records.Row], Any]) -> Callable[[records.Row], Any]:
        def counting(row: records.Row) -> Any:
            self.rows.append(kind)
            return read(row)

        return counting


@pytest.fixture
def read(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Read:
    found = Read()
    fleet.routers()  # the register itself is read once by a process
    for kind in ("device", "health", "push", "certificate"):
        monkeypatch.setattr(records, kind, found.counted(kind, getattr(records, kind)))
    engine = fleet.store._database.engine  # noqa: SLF001 - nothing else sees what is asked of the database

    def asked(_link: object, _cursor: object, query: str, *_: object) -> None:
        if query.startswith("SELECT"):
            found.queries.append(query)

    event.listen(engine, "before_cursor_execute", asked)
    return found


@pytest.fixture
def one(fleet: Fleet) -> str:
    return fleet.inventory.sites[SITES // 2].router.name


def test_one_router_is_four_rows(fleet: Fleet, one: str, read: Read) -> None:
    found = overview.overview(fleet, one)
    assert (found.router.name, found.state) == (one, "ok")
    assert found.device
    assert found.push
    assert found.certificate
    assert sorted(read.rows) == ["certificate", "device", "health", "push"]
    assert len(read.queries) <= 16


def test_a_page_of_routers_is_as_many_rows_as_it_has(fleet: Fleet, read: Read) -> None:
    names = fleet.inventory.listed[5:15]
    found = overview.overviews(fleet, [name.partition("/")[2] for name in names])
    assert [f"{one.role}/{one.router.name}" for one in found] == list(names)
    assert {kind: read.rows.count(kind) for kind in read.rows} == {
        "device": 10,
        "health": 10,
        "push": 10,
        "certificate": 10,
    }


def test_a_page_of_the_fleet_reads_of_the_others_no_more_than_their_state(fleet: Fleet, read: Read) -> None:
    found = overview.extract(fleet, start=30, limit=5)
    assert (found.number, sum(found.counts.values()), len(found.rows)) == (SITES + 1, SITES + 1, 5)
    assert read.rows.count("health") <= 6
    assert read.rows.count("push") <= 5


def test_a_list_reads_no_device_push_or_certificate_as_a_whole(fleet: Fleet, read: Read) -> None:
    assert len(list(overview.rows(fleet))) == SITES + 1
    assert set(read.rows) == {"health"}


def test_a_list_shows_what_each_router_shows_of_itself(fleet: Fleet, one: str) -> None:
    fleet.boxes.shut_out(fleet.store.devices.get(one).serial)
    whole = {found.router.name: found for found in overview.overviews(fleet)}
    for row in overview.rows(fleet):
        found = whole[row.router]
        stage = found.device.stage if found.device else None
        push = (found.push.state, found.push.started) if found.push else None
        assert (row.site_name, row.stage, row.state, row.push) == (found.site_name, stage, found.state, push)
        assert row.line_in_use == (found.health.line_in_use if found.health else "")
        ends = (row.certificate_expires, row.certificate_revoked)
        assert ends == (found.certificate_expires, found.certificate_revoked)


@pytest.mark.parametrize("stolen", ["a site's", "the hub's", "none"])
def test_how_some_routers_stand_is_what_all_of_them_tell(fleet: Fleet, one: str, stolen: str) -> None:
    if stolen != "none":
        fleet.boxes.shut_out(fleet.store.devices.get(one if stolen == "a site's" else HUB).serial)
    all_of_them, some = revocation.standing(fleet), [one, HUB, fleet.inventory.sites[0].router.name]
    told = revocation.standing(fleet, some)
    for router in some:
        assert told.shut_out.get(router) == all_of_them.shut_out.get(router)
        assert told.unrefused.get(router, 0) == all_of_them.unrefused.get(router, 0)


def test_a_certificate_that_is_revoked_later_is_refused_by_a_store_that_has_counted_before(fleet: Fleet) -> None:
    certificates = fleet.store.certificates
    before, one = certificates.revoked_serials(NOW), next(iter(certificates.running().values()))
    assert one.serial not in before
    certificates.revoke([one.serial], Reason.STOLEN)
    assert certificates.revoked_serials(NOW) == before | {one.serial}
    assert one.serial not in certificates.revoked_serials(one.expires)


def test_all_routers_are_as_many_queries_as_one(fleet: Fleet, one: str, read: Read) -> None:
    overview.overview(fleet, one)
    for_one = len(read.queries)
    assert len(overview.overviews(fleet)) == SITES + 1
    assert len(read.queries) == 2 * for_one


def test_what_is_asked_of_one_router_reads_no_other(fleet: Fleet, one: str, read: Read) -> None:
    assert not fleet.boxes.is_shut_out(one)
    fleet.store.certificates.running([one])
    fleet.boxes.read_serials()
    assert sorted(read.rows) == ["certificate", "device"]


def test_only_those_whose_time_has_come_are_looked_at(fleet: Fleet, read: Read) -> None:
    """A renewal is 45 to 60 days after the certificate was issued; these are 8 to 58 days old."""
    due = renewal.due(fleet)
    assert 0 < len(due) < SITES / 4
    assert len(due) <= read.rows.count("certificate") < SITES / 2
    assert read.rows.count("device") == read.rows.count("health") == len(due)


def test_whom_a_hub_lacks_is_found_without_reading_who_they_are(fleet: Fleet, read: Read) -> None:
    assert revocation.behind(fleet) == (HUB,)
    assert set(read.rows) <= {"device"}
    assert len(read.queries) <= 13


def test_of_many_revoked_so_many_are_read_as_are_wanted(fleet: Fleet, read: Read) -> None:
    assert len(revocation.refusals(fleet, latest=3)) == 3
    assert read.rows.count("certificate") == 3


def test_a_list_that_is_good_is_not_made_again_and_a_site_does_not_read_who_is_on_it(fleet: Fleet, read: Read) -> None:
    vault, inventory = fleet.boxes._vault, fleet.inventory  # noqa: SLF001 - what `candidate` does with it
    first = identity(vault, opened(vault, inventory, HUB))
    assert len(first.revoked) == len(crl.serials(first.crl)) == SITES
    read.rows.clear()
    assert identity(vault, opened(vault, inventory, HUB), NOW + timedelta(minutes=1)).crl == first.crl
    assert read.rows.count("certificate") == SITES, "for the SAs that it has to end; none for the list"
