"""No two routers ever hold certificates for the same addresses; what was stolen is never certified again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from sqlalchemy import create_engine, text
from tests.integration.store.registers import Clock

from linjevakt.model.errors import ConflictError, LinjevaktError, StolenError
from linjevakt.model.record import CERTIFICATE_VALIDITY, Certificate, DeviceIdentity, Reason, SeenList, Stage
from linjevakt.store import Store

OURS, THEIRS = IPv4Network("10.64.1.0/24"), IPv4Network("10.64.2.0/24")


def _certificate(clock: Clock, serial: str, router: str, *networks: IPv4Network) -> Certificate:
    expires = clock.now + CERTIFICATE_VALIDITY
    return Certificate(serial, router, f"LV-{router}", f"key of {router}", networks, clock.now, expires)


def test_a_certificate_comes_back_as_it_was_issued(store: Store, clock: Clock) -> None:
    issued = _certificate(clock, "a1", "rtr-a", OURS, THEIRS)
    store.certificates.issue(issued)
    assert (
        store.certificates.all(router="rtr-a")
        == store.certificates.all(box="LV-rtr-a")
        == store.certificates.all()
        == (issued,)
    )
    assert store.certificates.all(router="rtr-b") == ()


def test_another_router_gets_none_for_the_same_addresses_while_it_lives(store: Store, clock: Clock) -> None:
    store.certificates.issue(_certificate(clock, "a1", "rtr-a", OURS))
    inside = IPv4Network("10.64.1.128/25")
    with pytest.raises(ConflictError, match=r"rtr-b cannot have a certificate for 10\.64\.1\.0/24 yet: rtr-a has one"):
        store.certificates.issue(_certificate(clock, "b1", "rtr-b", inside))
    assert [one.serial for one in store.certificates.all()] == ["a1"], "what is refused is not written"
    store.certificates.issue(_certificate(clock, "a2", "rtr-a", OURS))
    store.certificates.issue(_certificate(clock, "b2", "rtr-b", THEIRS))
    store.certificates.revoke(["a1", "a2"], Reason.TERMINATED)
    store.certificates.issue(_certificate(clock, "b3", "rtr-b", inside))


def test_one_that_has_ended_is_in_nobodys_way(store: Store, clock: Clock) -> None:
    store.certificates.issue(_certificate(clock, "a1", "rtr-a", OURS))
    clock.now += CERTIFICATE_VALIDITY
    store.certificates.issue(_certificate(clock, "b1", "rtr-b", OURS))


def test_one_that_its_router_does_not_run_any_more_is_superseded(store: Store, clock: Clock) -> None:
    """A segment moved from one site to another: the first router was pushed to, and holds a certificate without it."""
    store.certificates.issue(_certificate(clock, "a1", "rtr-a", OURS, THEIRS))
    clock.now += timedelta(days=1)
    store.certificates.issue(_certificate(clock, "a2", "rtr-a", THEIRS))
    wanted = _certificate(clock, "b1", "rtr-b", OURS)
    with pytest.raises(ConflictError, match="Push rtr-a"):
        store.certificates.issue(wanted)
    store.certificates.confirm("a2")
    store.certificates.issue(wanted)
    assert [(one.serial, one.reason) for one in store.certificates.revoked()] == [("a1", Reason.SUPERSEDED)]


def test_a_newer_one_of_another_box_says_nothing_of_the_old_box(store: Store, clock: Clock) -> None:
    store.certificates.issue(_certificate(clock, "a1", "rtr-a", OURS))
    clock.now += timedelta(days=1)
    store.certificates.issue(replace(_certificate(clock, "a2", "rtr-a", THEIRS), box="LV-new", key="new"))
    store.certificates.confirm("a2")
    with pytest.raises(ConflictError, match="rtr-a has one"):
        store.certificates.issue(_certificate(clock, "b1", "rtr-b", OURS))


def test_of_two_who_ask_at_once_for_the_same_addresses_one_gets_them(store: Store, clock: Clock) -> None:
    def ask(n: int) -> bool:
        try:
            store.certificates.issue(_certificate(clock, f"{n:x}", f"rtr-{n}", OURS))
        except LinjevaktError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(1, 17))) == 1


def test_a_stolen_key_is_never_certified_again_whatever_box_shows_it(store: Store, clock: Clock) -> None:
    store.certificates.issue(_certificate(clock, "a1", "rtr-a", OURS))
    store.devices.shut_out("LV-rtr-a")
    clock.now += timedelta(days=1000)
    for box, router in (("LV-rtr-a", "rtr-a"), ("LV-other", "rtr-a"), ("LV-other", "rtr-b")):
        with pytest.raises(StolenError, match="was stolen with rtr-a"):
            store.certificates.issue(replace(_certificate(clock, "a2", router, OURS), box=box, key="key of rtr-a"))
    store.certificates.issue(replace(_certificate(clock, "a3", "rtr-a", OURS), key="a new key"))


def test_a_known_key_under_another_serial_number_is_refused(store: Store, clock: Clock) -> None:
    first = _certificate(clock, "a1", "rtr-a", OURS)
    store.certificates.issue(first)
    for router in ("rtr-a", "rtr-b"):
        with pytest.raises(ConflictError, match=r"known as that of the box LV-rtr-a \(certificate a1 of rtr-a\)"):
            store.certificates.issue(replace(first, serial="a2", router=router, box="LV-9", networks=(THEIRS,)))
    assert store.certificates.all() == (first,), "what is refused is not written"


def _renamed(database_url: str, box: str, *serials: str) -> None:
    """As a controller before that rule wrote them."""
    engine = create_engine(database_url)
    with engine.begin() as site:
        for serial in serials:
            site.execute(
                text("UPDATE certificates SET box = :box WHERE serial = :serial"), {"box": box, "serial": serial}
            )
    engine.dispose()


@pytest.mark.parametrize("box", ["LV-1", "LV-2", "LV-3"])
def test_a_box_is_stolen_by_its_keys_whatever_serial_numbers_it_said(
    store: Store, clock: Clock, database_url: str, box: str
) -> None:
    """The attack: staged again with the same CSR under another number, its first certificate stayed good.

    Key 1 came as LV-1 and LV-2, key 2 as LV-2 and LV-3; key 3 as LV-4, which has nothing to do with them.
    """
    for serial, key in (("a1", "1"), ("a2", "1"), ("b2", "2"), ("b3", "2"), ("c4", "3")):
        store.certificates.issue(replace(_certificate(clock, serial, "rtr-a", OURS), box=f"LV-of-{key}", key=key))
    for known, serials in {"LV-1": ["a1"], "LV-2": ["a2", "b2"], "LV-3": ["b3"], "LV-4": ["c4"]}.items():
        _renamed(database_url, known, *serials)
    for router, serial in (("rtr-a", "a1"), ("rtr-c", "c4")):
        store.devices.save(_device(clock, router, f"LV-{serial[1]}", serial))
    store.devices.shut_out(box)
    stolen = {(one.serial, one.reason) for one in store.certificates.revoked()}
    assert stolen == {(serial, Reason.STOLEN) for serial in ("a1", "a2", "b2", "b3")}
    assert {one.serial for one in store.certificates.all(box=box)} == {"a1", "a2", "b2", "b3"}
    assert {one.router: one.stage for one in store.devices.all()} == {"rtr-a": Stage.SHUT_OUT, "rtr-c": Stage.LIVE}
    for key in ("1", "2"):
        with pytest.raises(StolenError):
            store.certificates.issue(replace(_certificate(clock, "d1", "rtr-a", OURS), box="LV-1", key=key))


def test_a_router_whose_key_is_known_under_two_serial_numbers_still_has_its_certificate_renewed(
    store: Store, clock: Clock, database_url: str
) -> None:
    for serial in ("a1", "a2"):
        store.certificates.issue(_certificate(clock, serial, "rtr-a", OURS))
    _renamed(database_url, "LV-9", "a2")
    for serial, box in (("a3", "LV-rtr-a"), ("a4", "LV-9")):
        store.certificates.issue(replace(_certificate(clock, serial, "rtr-a", OURS), box=box))


def _device(clock: Clock, router: str, box: str, serial: str) -> DeviceIdentity:
    expires = clock.now + CERTIFICATE_VALIDITY
    return DeviceIdentity(router, box, "host key", "csr", "pem", serial, expires, f"{serial}ff", Stage.LIVE, clock.now)


def test_whoever_issues_while_a_box_is_shut_out_leaves_no_living_certificate(store: Store, clock: Clock) -> None:
    """The race: a renewal of the stolen box is just being made."""
    store.certificates.issue(_certificate(clock, "ffff", "rtr-a", OURS))

    def act(n: int) -> None:
        if n == 8:
            store.devices.shut_out("LV-rtr-a")
            return
        try:
            store.certificates.issue(_certificate(clock, f"{n:x}", "rtr-a", OURS))
        except LinjevaktError:
            return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(1, 17)))
    assert [one.serial for one in store.certificates.all() if one.revoked is None] == []


def test_the_newest_that_a_router_was_seen_to_run_is_known(store: Store, clock: Clock) -> None:
    for serial in ("a1", "a2", "a3"):
        clock.now += timedelta(days=1)
        store.certificates.issue(_certificate(clock, serial, "rtr-a", OURS))
    store.certificates.confirm("a1")
    store.certificates.confirm("a2")
    assert {router: one.serial for router, one in store.certificates.running().items()} == {"rtr-a": "a2"}


def test_what_a_hub_runs_is_remembered_as_it_was_last_seen(store: Store, clock: Clock) -> None:
    store.certificates.save_seen_list(SeenList("hub-a", clock.now, frozenset({"a1"})))
    clock.now += timedelta(days=1)
    latest = SeenList("hub-a", clock.now, frozenset({"a1", "b2"}))
    store.certificates.save_seen_list(latest)
    assert store.certificates.seen_lists() == (latest,)


def overlapping(store: Store, clock: Clock) -> list[tuple[Certificate, Certificate]]:
    """Pairs of living certificates of different routers that name the same addresses."""
    living = [one for one in store.certificates.all() if one.revoked is None and one.expires > clock.now]
    return [
        (one, other)
        for one, other in combinations(living, 2)
        if one.router != other.router and any(a.overlaps(b) for a in one.networks for b in other.networks)
    ]
