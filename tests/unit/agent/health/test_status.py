"""`linjevakt-agent status`: what a technician in a cellar reads on a phone when the tunnel is not there."""

import re
from typing import Any

import msgspec
import pytest

from linjevakt_agent import refusals, status
from linjevakt_agent.collect import storage
from linjevakt_agent.errors import AbsentError
from linjevakt_agent.paths import Paths

SINCE = "12 times since 2026-11-26 14:03 UTC"
NO_SA = "no IKE SA for connection hub"


RIGHT = "right, says 10.255.0.20"


def told(
    detail: str,
    *,
    up: bool = False,
    disk: storage.State = "writable",
    clock: str = RIGHT,
    changed: tuple[str, ...] = (),
    held: str = "",
) -> str:
    line = {"name": "wan0", "kind": "own_isp", "up": True, "in_use": True, "address": "198.51.100.2/30"}
    other = {"name": "wan1", "kind": "mobile", "up": False, "in_use": False, "address": None}
    rest = {"method": "dhcp", "rtt_ms": None, "path_mtu": None, "mtu": 1500, "detail": ""}
    return status.shown(
        {
            "router": "rtr-fjellheim",
            "at": "2026-11-26T16:05:10Z",
            "clock": {"behind_s": None, "detail": clock},
            "tunnel": {"up": up, "age_s": None, "line": None, "detail": detail},
            "lines": [line | rest | {"rtt_ms": 1.25, "path_mtu": 1400}, other | rest],
            "storage": msgspec.to_builtins(storage.of_state(disk)),
            "drift": {"differences": list(changed), "held": held},
        }
    )


@pytest.mark.parametrize("disk", ["read-only", "full"])
def test_a_disk_that_takes_no_writes_is_told_with_what_it_means(disk: storage.State) -> None:
    shown = told("established", up=True, disk=disk)
    assert f"DISK {disk}" in shown.splitlines()
    assert "what is in force stays, nothing new is taken" in flat(shown)
    assert max(map(len, shown.splitlines())) <= status.WIDTH
    assert "DISK" not in told("established", up=True)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_a_refused_tunnel_is_told_with_the_reason_since_when_and_what_to_do() -> None:
    assert told(f"{NO_SA}; the hub refuses us: AUTHENTICATION_FAILED, {SINCE}").splitlines() == [
        "rtr-fjellheim  2026-11-26 17:05:10",
        "CLOCK right, says 10.255.0.20",
        "TUNNEL DOWN",
        "  no IKE SA for connection hub",
        "  the hub refuses us: AUTHENTICATION_FAILED, 12",
        "  times since 2026-11-26 15:03",
        "  -> The hub does not take this box's",
        "     certificate: revoked, ended, or the hub is",
        "     in trouble. Call operations.",
        "LINE wan0 up, in use",
        "  own_isp, 198.51.100.2/30, 1.2 ms, path MTU",
        "  1400 of 1500",
        "LINE wan1 DOWN",
        "  mobile, no address",
    ]


@pytest.mark.parametrize(
    ("said", "what_to_do"),
    [
        ("the hub refuses us: TS_UNACCEPTABLE", "Operations must push anew"),
        ("the hub refuses us: NO_PROPOSAL_CHOSEN", "agree on no cipher"),
        (
            "we refuse the hub: the clock is wrong: the hub's certificate begins 2026-11-25 17:01 UTC",
            "The box sets its clock by itself",
        ),
        (
            "we refuse the hub: the hub's certificate ended 2027-02-24 17:01 UTC, or the clock is ahead",
            "Is the time above right?",
        ),
        ("we refuse the hub: constraint check failed: identity 'hub' required", "The hub's certificate is wrong"),
        ("this router's own key does not go with its certificate, or is gone", "must be staged anew"),
        ("the hub does not answer", "`linjevakt-agent openings`"),
    ],
)
def test_each_refusal_that_the_agent_knows_comes_with_what_to_do(said: str, what_to_do: str) -> None:
    shown = told(f"{NO_SA}; {said}, {SINCE}")
    assert what_to_do in flat(shown)
    assert said.split(" certificate ", maxsplit=1)[0] in flat(shown)
    assert max(map(len, shown.splitlines())) <= status.WIDTH


def test_a_clock_that_was_wrong_is_told_on_a_phones_screen() -> None:
    compared = "WRONG: 86400 s behind 10.255.0.20"
    corrected = "was set from 1970-01-01 00:00 to 2026-11-25 17:01 UTC: then the router's certificate begins"
    shown = told(NO_SA, clock=f"{compared}; {corrected}")
    assert "CLOCK WRONG: 86400 s behind 10.255.0.20\n" in shown
    assert "then the router's certificate begins" in flat(shown)
    assert max(map(len, shown.splitlines())) <= status.WIDTH


def test_a_tunnel_that_is_up_gets_no_advice() -> None:
    shown = told("established with 203.0.113.2 from 198.51.100.2 over wan0", up=True)
    assert "TUNNEL up" in shown
    assert "->" not in shown
    assert refusals.advice("established") == ""


RULE = "nftables.conf: -table inet linjevakt / chain forward / accept"


def test_what_was_changed_by_hand_is_told_with_what_becomes_of_it() -> None:
    rows = told("established", up=True, changed=(RULE,)).splitlines()
    assert rows[rows.index("CHANGED BY HAND") :] == [
        "CHANGED BY HAND",
        "  nftables.conf: -table inet linjevakt / chain",
        "  forward / accept",
        "  -> it is put back",
    ]
    assert told("established", up=True, changed=(RULE,), held="hands-off is there").endswith("  -> hands-off is there")
    assert told("established", up=True, held="hands-off is there").endswith("NOTE hands-off is there")


def test_it_is_read_from_the_box(box: Any) -> None:
    with pytest.raises(AbsentError):
        status.main(Paths(box.root).root / "nowhere")
    box.commit(2, box.agent(), box.secrets())
    found = status.main(box.root)
    assert (found["router"], found["tunnel"]["up"]) == ("rtr-fjellheim", False)
    assert [line["name"] for line in found["lines"]] == ["wan0", "wan1"]
    assert found["drift"] == {"differences": [], "held": ""}
    shown = flat(status.shown(found))
    assert "is the service `agent` (linjevakt-agent run) up?" in shown
    assert "The box itself is in trouble" in shown
