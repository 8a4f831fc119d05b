"""`linjevakt-agent status`: what a technician in a cellar reads on a phone when the tunnel is not there."""

import re
from typing import Any

import msgspec
import pytest

from linjevakt_agent.base.errors import AbsentError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.collect import storage
from linjevakt_agent.commands import standing, status
from linjevakt_agent.ipsec import refusals

SINCE = "12 times since 2026-11-26 14:03 UTC"
NO_SA = "no IKE SA for connection hub"


RIGHT = "right, says 10.255.0.20"


def told(
    detail: str,
    *,
    up: bool = False,
    disk: storage.State = "writable",
    clock: str = RIGHT,
    behind_s: float | None = None,
    why: str = "",
    changed: tuple[str, ...] = (),
    held: str = "",
) -> str:
    line = {"name": "wan0", "kind": "own_isp", "up": True, "in_use": True, "address": "198.51.100.2/30"}
    other = {"name": "wan1", "kind": "mobile", "up": False, "in_use": False, "address": None}
    rest = {"method": "dhcp", "rtt_ms": None, "path_mtu": None, "mtu": 1500, "detail": ""}
    return standing.shown(
        {
            "router": "rtr-fjellheim",
            "at": "2026-11-26T16:05:10Z",
            "clock": {"behind_s": behind_s, "detail": clock},
            "tunnel": {"up": up, "age_s": None, "line": None, "detail": detail},
            "lines": [line | rest | {"rtt_ms": 1.25, "path_mtu": 1400}, other | rest | {"detail": why}],
            "storage": msgspec.to_builtins(storage.of_state(disk)),
            "drift": {"differences": list(changed), "held": held},
        }
    )


@pytest.mark.parametrize("disk", ["read-only", "full"])
def test_a_disk_that_takes_no_writes_is_told_with_what_it_means(disk: storage.State) -> None:
    shown = told("established", up=True, disk=disk)
    assert f"DISK {disk}" in shown.splitlines()
    assert "what is in force stays, nothing new is taken" in flat(shown)
    assert max(map(len, shown.splitlines())) <= standing.WIDTH
    assert "DISK" not in told("established", up=True)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_a_refused_tunnel_is_told_with_what_to_do_the_reason_and_since_when_before_all_that_is_well() -> None:
    assert told(f"{NO_SA}; the hub refuses us: AUTHENTICATION_FAILED, {SINCE}", why="no carrier").splitlines() == [
        "rtr-fjellheim  2026-11-26 17:05:10",
        "TUNNEL DOWN",
        "  -> The hub does not take this box's",
        "     certificate: revoked, ended, or the",
        "     hub is in trouble. Call operations.",
        "  no IKE SA for connection hub",
        "  the hub refuses us:",
        "  AUTHENTICATION_FAILED, 12 times since",
        "  2026-11-26 15:03",
        "LINE wan1 DOWN",
        "  -> Is its cable in at both ends? Is",
        "     what it leads to switched on?",
        "  mobile, no address, no carrier",
        "LINE wan0 up, in use",
        "  own isp, 198.51.100.2/30, 1.2 ms, path",
        "  MTU 1400 of 1500",
        "CLOCK right, says 10.255.0.20",
    ]


@pytest.mark.parametrize(
    ("why", "what_to_do"),
    [
        ("no carrier", "Is its cable in"),
        ("no DHCP lease", "switch its box off and on"),
        ("4 probes in a row unanswered", "`linjevakt-agent openings` tells"),
    ],
)
def test_a_line_that_is_down_comes_with_what_to_do(why: str, what_to_do: str) -> None:
    assert what_to_do in flat(told("established", up=True, why=why))


def test_trouble_is_read_first_whatever_it_is() -> None:
    shown = told("established", up=True, disk="full", clock=f"WRONG: {RIGHT}", behind_s=60.0, changed=(RULE,))
    heads = [row.split()[0] for row in shown.splitlines()[1:] if not row.startswith(" ")]
    assert heads == ["LINE", "CLOCK", "DISK", "CHANGED", "TUNNEL", "LINE"]


def test_whatever_is_told_no_row_is_wider_than_the_phone_and_no_command_is_broken() -> None:
    shown = told(
        f"{NO_SA}; the hub does not answer, {SINCE}",
        clock="not compared: no time server answers",
        why="4 probes in a row unanswered",
        held="hands-off lies in /run/linjevakt: nothing is put back until it is taken away",
    )
    assert max(map(len, shown.splitlines())) <= standing.WIDTH
    assert "linjevakt-agent" in shown
    assert not any(row.endswith("linjevakt-") for row in shown.splitlines())


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
    assert max(map(len, shown.splitlines())) <= standing.WIDTH


def test_a_clock_that_was_wrong_is_told_on_a_phones_screen() -> None:
    compared = "WRONG: 86400 s behind 10.255.0.20"
    corrected = "was set from 1970-01-01 00:00 to 2026-11-25 17:01 UTC: then the router's certificate begins"
    shown = told(NO_SA, clock=f"{compared}; {corrected}", behind_s=86400.0)
    assert "CLOCK WRONG: 86400 s behind 10.255.0.20\n" in shown
    assert "then the router's certificate begins" in flat(shown)
    assert max(map(len, shown.splitlines())) <= standing.WIDTH


def test_a_tunnel_that_is_up_gets_no_advice() -> None:
    shown = told("established with 203.0.113.2 from 198.51.100.2 over wan0", up=True)
    assert "TUNNEL up" in shown
    assert "->" not in shown
    assert refusals.advice("established") == ""


RULE = "nftables.conf: -table inet linjevakt / chain forward / accept"


def test_what_was_changed_by_hand_is_told_with_what_becomes_of_it() -> None:
    rows = told("established", up=True, changed=(RULE,)).splitlines()
    first = rows.index("CHANGED BY HAND")
    assert rows[first : first + 4] == [
        "CHANGED BY HAND",
        "  -> it is put back",
        "  nftables.conf: -table inet linjevakt /",
        "  chain forward / accept",
    ]
    assert "  -> hands-off is there\n" in told("established", up=True, changed=(RULE,), held="hands-off is there")
    assert told("established", up=True, held="hands-off is there").endswith("NOTE hands-off is there")


def test_it_is_read_from_the_box(box: Any) -> None:
    with pytest.raises(AbsentError):
        status.main(Paths(box.root).root / "nowhere")
    box.commit(2, box.agent(), box.secrets())
    found = status.main(box.root)
    assert (found["router"], found["tunnel"]["up"]) == ("rtr-fjellheim", False)
    assert [line["name"] for line in found["lines"]] == ["wan0", "wan1"]
    assert found["drift"] == {"differences": [], "held": ""}
    shown = flat(standing.shown(found))
    assert "is the service `agent` (linjevakt-agent run) up?" in shown
    assert "The box itself is in trouble" in shown
