"""What differs from a generation, kind by kind; when it is told of and put back."""

import json
from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest

from linjevakt_agent.base.schema import Network
from linjevakt_agent.force import readback
from linjevakt_agent.force.drift import (
    LONGEST_PAUSE_S,
    LOOK_EVERY_S,
    MOST_LINES,
    SETTLED_S,
    SURE_AFTER_S,
    Difference,
    Vigil,
    compare,
    shown,
)
from linjevakt_agent.network import kernel
from linjevakt_agent.network.kernel import Interface, Route, Rule, State

RULES = """
table inet linjevakt {
    set wan {
        type ifname
        elements = { "wan0",
                 "wan1" }
    }
    counter over_limit {
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established accept
        iifname "lan0" oifname "ipsec0" accept
    }
}
"""
FORWARD = "table inet linjevakt / chain forward"


def rules(listing: str) -> list[str]:
    return [f"{path} / {line}" for path, line in readback.flattened(listing)]


def lines_of(listing: str) -> tuple[str, ...]:
    """What differs when the kernel lists this."""
    found = compare({"nftables.conf": rules(RULES)}, {"nftables.conf": rules(listing)})
    return found[0].lines if found else ()


@pytest.mark.parametrize(
    ("was", "now", "lines"),
    [
        ("", "", ()),
        ("ct state established accept\n", "accept\n        ct state established accept\n", (f"-{FORWARD} / accept",)),
        ("        ct state established accept\n", "", (f"+{FORWARD} / ct state established accept",)),
        (
            "policy drop",
            "policy accept",
            (
                f"-{FORWARD} / type filter hook forward priority filter; policy accept;",
                f"+{FORWARD} / type filter hook forward priority filter; policy drop;",
            ),
        ),
        (
            '        ct state established accept\n        iifname "lan0" oifname "ipsec0" accept\n',
            '        iifname "lan0" oifname "ipsec0" accept\n        ct state established accept\n',
            None,
        ),
        ('"wan1" }', '"wan1", "lan0" }', None),
        ("    counter over_limit {\n    }\n", "", ("+table inet linjevakt / counter over_limit / ",)),
    ],
    ids=["none", "added", "removed", "policy", "reordered", "element", "object"],
)
def test_a_ruleset_is_compared_rule_by_rule_with_the_place_of_each(
    was: str, now: str, lines: tuple[str, ...] | None
) -> None:
    """None: one line goes and one comes."""
    found = lines_of(RULES.replace(was, now) if was else RULES)
    if lines is None:
        assert {line[0] for line in found} == {"-", "+"}
    else:
        assert found == lines


def test_a_flushed_table_lacks_all_that_was_in_it() -> None:
    assert lines_of("") == tuple(f"+{line}" for line in rules(RULES))


def test_what_is_not_known_of_a_section_is_no_difference() -> None:
    assert compare({"nftables.conf": ["a"], "shaping.tc": ["b"]}, {"nftables.conf": ["a"], "swanctl.conf": []}) == ()


def test_of_a_section_that_is_changed_without_end_so_much_is_kept_as_a_person_reads() -> None:
    found = [f"rule {number}" for number in range(10_000)]
    (row,) = compare({"nftables.conf": ["drop"]}, {"nftables.conf": found})
    assert len(row.lines) == MOST_LINES
    assert str(row).endswith("; 97 more")


def test_differences_are_shown_as_parts_of_a_diff() -> None:
    row = Difference("nftables.conf", "state", ("-accept", "+drop"))
    assert shown([row]) == "--- in force/nftables.conf\n+++ running/nftables.conf\n-accept\n+drop\n"
    assert shown([]) == ""


CONNECTION = {"version": b"IKEv2", "children": {"management": {"local-ts": [b"10.250.0.11/32"]}}}


def test_connections_are_compared_to_the_last_setting() -> None:
    lines = list(readback.settings("hub", CONNECTION))
    assert "hub / children / management / local-ts = 10.250.0.11/32" in lines
    assert compare({"swanctl.conf": lines}, {"swanctl.conf": []})[0].lines == tuple(f"+{line}" for line in lines)


SHAPES = """qdisc htb 1: root refcnt 2 r2q 10 default 0x2 direct_packets_stat 7 direct_qlen 500
qdisc pfifo 985c: parent 1:11 limit 200p
qdisc ingress ffff: parent ffff:fff1 ----------------
class htb 1:11 parent 1:1 leaf 985c: prio 1 rate 10Mbit
filter parent ffff: protocol ip pref 1 u32 chain 0 fh 800::1 order 1 key ht 800 bkt 0
  match 00000000/00000000 at 0
\taction order 1: mirred (Egress Redirect to device ifb0) stolen
 \tindex 3 ref 1 bind 1
"""


def test_numbers_that_the_kernel_gives_are_no_part_of_shaping() -> None:
    anew = SHAPES.replace("985c:", "8003:").replace("index 3", "index 12").replace("stat 7", "stat 0")
    assert list(readback.shaped(SHAPES)) == list(readback.shaped(anew))
    assert len(list(readback.shaped(SHAPES))) == 5
    slower = SHAPES.replace("rate 10Mbit", "rate 1Mbit")
    assert list(readback.shaped(SHAPES)) != list(readback.shaped(slower))


# -- the network -------------------------------------------------------------------------------------------------------

NETWORK = msgspec.toml.decode(
    b"""
[management]
address = "10.250.0.11"
[[line]]
name = "wan0"
kind = "own_isp"
method = "dhcp"
priority = 1
[[port]]
name = "lan0"
addresses = ["10.64.1.1/24"]
[[route]]
prefix = "10.0.0.0/8"
type = "unreachable"
metric = 4000
""",
    type=Network,
)
UNREACHABLE = Route("10.0.0.0/8", metric=4000, type="unreachable")
LAN_RULE = Rule.of_lan("10.64.1.0/24")


def interface(name: str, *addresses: str, up: bool = True) -> Interface:
    return Interface(name, up=up, carrier=up, addresses=frozenset(addresses))


def state(
    *,
    port: Sequence[str] = ("10.64.1.1/24",),
    up: bool = True,
    loopback: Sequence[str] = ("127.0.0.1/8", "10.250.0.11/32"),
    routes: Sequence[Route] = (UNREACHABLE,),
    rules: Sequence[Rule] = (LAN_RULE,),
) -> State:
    lines = (Route("default", 101, 0, via="192.0.2.1", device="wan0"), Route("default", 254, 50, device="wan0"))
    interfaces = (interface("lo", *loopback), interface("wan0", "192.0.2.2/32"), interface("lan0", *port, up=up))
    return State(
        {one.name: one for one in interfaces},
        frozenset({*routes, *lines}),
        frozenset({*rules, Rule.of_line("192.0.2.2", 101)}),
    )


@pytest.mark.parametrize(
    ("found", "by_hand", "lines"),
    [
        (state(), [], ()),
        (state(port=("10.64.1.1/24", "10.9.9.9/24")), [], ("-address 10.9.9.9/24 dev lan0",)),
        (state(port=()), [], ("+address 10.64.1.1/24 dev lan0",)),
        (state(up=False), [], ("+link lan0 up",)),
        (state(loopback=("127.0.0.1/8",)), [], ("+address 10.250.0.11/32 dev lo",)),
        (state(routes=()), [], ("+route unreachable 10.0.0.0/8 table 254 metric 4000 proto 76",)),
        (
            state(routes=(UNREACHABLE, Route("10.7.0.0/16", device="lan0"))),
            [],
            ("-route 10.7.0.0/16 table 254 metric 0 proto 76",),
        ),
        (state(rules=()), [], ("+rule to 10.64.1.0/24 lookup 254 pref 200 protocol 76",)),
        (state(), ["rule from 10.64.1.9 lookup 101 pref 50"], ("-rule from 10.64.1.9 lookup 101 pref 50",)),
    ],
    ids=["none", "address", "no address", "link", "management", "no route", "route", "no rule", "rule by hand"],
)
def test_ports_routes_and_rules_are_compared_and_lines_left_to_their_watch(
    found: State, by_hand: list[str], lines: tuple[str, ...]
) -> None:
    both = readback.networks(NETWORK, found, by_hand)
    differing = compare({"network.toml": both.expected}, {"network.toml": both.found})
    assert (differing[0].lines if differing else ()) == lines


def test_routes_and_rules_of_nobody_are_found_and_those_of_kernel_charon_and_daemons_are_not() -> None:
    boot = [{"type": "unicast", "dst": "10.77.0.0/16", "dev": "lan0", "flags": []}]
    static = [
        {"type": "unicast", "dst": "10.0.0.0/8", "dev": "ipsec0", "table": "220", "flags": []},
        {"type": "blackhole", "dst": "10.9.0.0/16", "dev": "lo", "metric": 7, "flags": []},
    ]
    rules = [
        {"priority": 0, "src": "all", "table": "local", "protocol": "kernel"},
        {"priority": 200, "src": "all", "dst": "10.64.1.0", "dstlen": 24, "table": "main", "protocol": "76"},
        {"priority": 220, "src": "all", "table": "220", "protocol": "unspec"},
        {"priority": 50, "src": "10.64.1.5", "table": "101", "protocol": "unspec"},
        {"priority": 60, "src": "10.64.2.0", "srclen": 24, "action": "blackhole", "protocol": "boot"},
    ]
    assert kernel.parse_by_hand("\n".join(map(json.dumps, (boot, static, rules)))) == [
        "route 10.77.0.0/16 dev lan0 table main proto boot",
        "route blackhole 10.9.0.0/16 table main metric 7 proto static",
        "rule from 10.64.1.5 lookup 101 pref 50",
        "rule from 10.64.2.0/24 pref 60",
    ]


# -- when --------------------------------------------------------------------------------------------------------------

RULE = Difference("nftables.conf", "state", ("-accept",))
OTHER = Difference("nftables.conf", "state", ("-drop",))
ADDRESS = Difference("network.toml", "state", ("-address",))


def test_a_difference_is_sure_when_two_looks_saw_one_at_its_place() -> None:
    first = Vigil(0.0).after(100.0, (RULE,))
    assert (first.sure, first.look_at) == ((), 100.0 + SURE_AFTER_S)
    assert first.after(103.0, ()).sure == ()
    second = first.after(103.0, (OTHER, ADDRESS))
    assert (second.sure, second.look_at) == ((OTHER,), 103.0 + SURE_AFTER_S)
    assert second.after(106.0, (OTHER, ADDRESS)).look_at == 106.0 + LOOK_EVERY_S


def test_who_fights_with_the_guard_is_met_ever_more_seldom() -> None:
    vigil, now, mended = Vigil(0.0, mended_at=-SETTLED_S), 0.0, []
    while now < 7200.0:
        now = vigil.look_at
        vigil = vigil.after(now, (RULE,))
        if vigil.to_mend(now):
            mended.append(now)
            vigil = vigil.after_mending(now)
    pauses = [after - before for before, after in pairwise(mended)]
    assert pauses == sorted(pauses)
    assert len(mended) < 18
    assert LONGEST_PAUSE_S <= pauses[-1] <= LONGEST_PAUSE_S + LOOK_EVERY_S
    rested = vigil.after_mending(now + SETTLED_S)
    assert rested.mend_at == now + SETTLED_S + LOOK_EVERY_S
