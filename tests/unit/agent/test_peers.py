"""What charon's events make of the roster, and what it is told to do."""

from typing import Any

from linjevakt_agent.tunnel import peers
from linjevakt_agent.tunnel.roster import Ask, Bar, Peer, Roster


def sa(number: int, address: str = "198.51.100.6", age: int = 60, **more: bytes) -> dict[str, Any]:
    """As vici tells of an IKE SA (recorded from charon 5.9.8, shortened)."""
    said = {
        "uniqueid": b"%d" % number,
        "version": b"2",
        "state": b"ESTABLISHED",
        "local-host": b"203.0.113.2",
        "local-port": b"4500",
        "local-id": b"hub-oslo",
        "remote-host": address.encode(),
        "remote-port": b"4500",
        "remote-id": b"rtr-a",
        "established": b"%d" % age,
    }
    return said | {name.replace("_", "-"): value for name, value in more.items()}


def up(number: int, address: str, connection: str = "hub") -> dict[str, Any]:
    return {"up": b"yes", connection: sa(number, address, age=0)}


def test_who_is_up_is_read_the_longest_lived_first() -> None:
    listed = [
        {"hub": sa(9, age=3)},
        {"hub": sa(7, age=60)},
        {"hub": sa(8, age=60)},
        {"hub": sa(1, state=b"CONNECTING")},
        {"hub": sa(2, state=b"REKEYED")},
        {"barred-rtr-a": sa(3, age=1, state=b"REKEYING")},
    ]
    found = peers.peers(listed)
    assert [one.number for one in found] == ["7", "8", "9", "3"]
    assert [one.barred for one in found] == [False, False, False, True]
    assert found[0] == Peer("7", "rtr-a", "hub-oslo", "198.51.100.6", "4500")


def test_the_events_tell_who_came_answered_and_left() -> None:
    roster = Roster()
    peers.note(roster, "ike-updown", up(1, "198.51.100.6"), 0)
    assert roster.due(0) == []
    peers.note(roster, "ike-updown", up(2, "203.0.113.22"), 1)
    assert roster.due(1) == [Ask("1")]
    peers.note(roster, "child-rekey", {"hub": sa(1) | {"child-sas": {"sites": {"old": {}, "new": {}}}}}, 1)
    assert len(roster.due(1)) == 2
    peers.note(roster, "ike-updown", {"hub": sa(2)}, 2)
    assert roster.due(2) == []
    assert [row.address for row in roster.duplicates] == ["203.0.113.22"]


def test_one_that_moves_or_is_rekeyed_is_still_the_same() -> None:
    roster = Roster()
    peers.note(roster, "ike-updown", up(1, "198.51.100.6"), 0)
    new = {"remote-host": b"203.0.113.22", "remote-port": b"61000", "local-host": b"203.0.113.2", "local-port": b"4500"}
    peers.note(roster, "ike-update", new | {"hub": sa(1, "198.51.100.6")}, 1)
    rekeyed = {"old": sa(1, "203.0.113.22"), "new": sa(5, "203.0.113.22", remote_port=b"61000")}
    peers.note(roster, "ike-rekey", {"hub": rekeyed}, 2)
    assert roster.due(2) == [], "there is one"
    peers.note(roster, "ike-updown", up(6, "203.0.113.22"), 3)
    assert roster.due(3) == [Ask("5")], "another port at the address where it is now"


def test_who_has_shown_no_certificate_is_nobody() -> None:
    roster = Roster()
    half = {
        "remote-host": b"203.0.113.22",
        "remote-port": b"61000",
        "hub": sa(1, state=b"CONNECTING", remote_id=b"%any"),
    }
    peers.note(roster, "ike-update", half, 0)
    assert roster.due(0) == []
    assert roster.duplicates == ()


def test_capital_letters_make_no_other_router() -> None:
    (found,) = peers.peers([{"hub": sa(1, remote_id=b"RTR-A")}])
    assert found.identity == "rtr-a"


def test_a_barred_connection_takes_the_identity_from_those_addresses_and_has_no_child() -> None:
    made = peers.barred_connection(Bar("rtr-a", "hub-oslo", frozenset({"203.0.113.22", "192.0.2.1"})))
    assert made["remote_addrs"] == ["192.0.2.1", "203.0.113.22"]
    assert made["remote"] == {"auth": "pubkey", "id": "rtr-a"}
    assert "children" not in made
