"""From `network.toml` and what `ip` says the kernel has to the commands that lead from one to the other."""

from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

import msgspec
import pytest

from linjevakt_agent.base.schema import Network
from linjevakt_agent.network import kernel
from linjevakt_agent.network.desired import (
    Desired,
    additions,
    check,
    check_places,
    desired,
    desired_line,
    line_in_use,
    of_line,
    removals,
    why_not_ready,
    without,
)
from linjevakt_agent.network.endpoints import Endpoint, Standing, static_endpoint
from linjevakt_agent.network.kernel import MAIN, Interface, NetworkError, Route, Rule, State

RECORDINGS = Path(__file__).parent / "recordings"
NETWORK = """
[management]
address = "10.250.0.11"
[[line]]
name = "wan0"
kind = "own_isp"
method = "static"
address = "198.51.100.2/30"
gateway = "198.51.100.1"
priority = 1
[[line]]
name = "wan1"
kind = "mobile"
method = "dhcp"
priority = 2
[[port]]
name = "lan0"
addresses = ["10.64.1.1/24"]
[[route]]
prefix = "10.0.0.0/8"
type = "unreachable"
metric = 4000
[watch]
target = "203.0.113.2"
"""
LENT = Endpoint(IPv4Interface("100.64.1.2/30"), IPv4Address("100.64.1.1"), lent=True)
DEFAULT_0 = "default via 198.51.100.1 dev wan0"
DEFAULT_1 = "default via 100.64.1.1 dev wan1"


def network(text: str = NETWORK) -> Network:
    return msgspec.toml.decode(text, type=Network)


def changed(old: str, new: str) -> Network:
    assert old in NETWORK
    return network(NETWORK.replace(old, new))


def recorded(name: str) -> State:
    return kernel.parse((RECORDINGS / f"ip-{name}.txt").read_text())


def wanted(new: Network, in_use: str | None = "wan0", old: Network | None = None) -> Desired:
    endpoints = {line.name: static_endpoint(line) or LENT for line in new.line}
    return desired(old, new, endpoints, in_use)


def plan(wish: Desired, have: State) -> list[str]:
    return [*additions(wish, have), *removals(wish, have)]


def test_a_fresh_router_gets_links_addresses_rules_and_then_routes() -> None:
    assert plan(wanted(network(), in_use=None), recorded("fresh-router")) == [
        "link set dev lan0 up",
        "link set dev lo up",
        "link set dev wan0 up",
        "link set dev wan1 up",
        "addr add 10.64.1.1/24 brd + dev lan0",
        "addr add 10.250.0.11/32 dev lo",
        "addr add 198.51.100.2/30 brd + dev wan0",
        "addr add 100.64.1.2/30 brd + dev wan1",
        "rule add from 198.51.100.2 lookup 101 pref 10101 protocol 76",
        "rule add from 100.64.1.2 lookup 102 pref 10102 protocol 76",
        "rule add to 10.64.1.0/24 lookup 254 pref 200 protocol 76",
        f"route replace {DEFAULT_0} table 101 metric 0 proto 76",
        f"route replace {DEFAULT_1} table 102 metric 0 proto 76",
        f"route replace {DEFAULT_0} table 254 metric 100 proto 76",
        f"route replace {DEFAULT_1} table 254 metric 200 proto 76",
        "route replace unreachable 10.0.0.0/8 table 254 metric 4000 proto 76",
    ]


def test_a_router_that_is_as_it_should_be_is_left_alone() -> None:
    assert plan(wanted(network()), recorded("wan0-in-use")) == []
    assert plan(wanted(network(), old=network()), recorded("wan0-in-use")) == []


def test_the_line_in_use_is_read_from_the_kernel() -> None:
    assert line_in_use(recorded("wan0-in-use")) == "wan0"
    assert line_in_use(recorded("fresh-router")) is None


def test_moving_traffic_replaces_the_first_default_before_it_takes_the_old_one_away() -> None:
    state = recorded("wan0-in-use")
    wan0, wan1 = network().line
    take_over = plan(desired_line(wan1, LENT, state, in_use=True), of_line(wan1, state))
    assert take_over == [
        f"route replace {DEFAULT_1} table 254 metric 50 proto 76",
        f"route del {DEFAULT_1} table 254 metric 200 proto 76",
    ]
    gone = Route("default", MAIN, 50, via="198.51.100.1", device="wan0")
    left = State(state.interfaces, state.routes - {gone}, state.rules)
    step_back = plan(desired_line(wan0, static_endpoint(wan0), left, in_use=False), of_line(wan0, left))
    assert step_back == [f"route replace {DEFAULT_0} table 254 metric 100 proto 76"]


def test_a_link_that_is_down_is_given_no_routes_and_its_own_come_back_with_it() -> None:
    wan0, down, back = network().line[0], recorded("wan0-link-down"), recorded("wan0-link-back")
    where = static_endpoint(wan0)
    assert plan(desired_line(wan0, where, down, in_use=False), of_line(wan0, down)) == []
    assert plan(desired_line(wan0, where, back, in_use=True), of_line(wan0, back)) == [
        f"route replace {DEFAULT_0} table 101 metric 0 proto 76",
        f"route replace {DEFAULT_0} table 254 metric 50 proto 76",
    ]


def test_a_lost_lease_takes_address_rule_and_routes_of_that_line_only() -> None:
    state, wan1 = recorded("wan0-in-use"), network().line[1]
    assert plan(desired_line(wan1, None, state, in_use=False), of_line(wan1, state)) == [
        f"route del {DEFAULT_1} table 102 metric 0 proto 76",
        f"route del {DEFAULT_1} table 254 metric 200 proto 76",
        "rule del from 100.64.1.2 lookup 102 pref 10102 protocol 76",
        "addr del 100.64.1.2/30 dev wan1",
    ]


def test_a_new_lease_with_another_address_is_added_before_the_old_one_goes() -> None:
    state, wan1 = recorded("wan0-in-use"), network().line[1]
    other = Endpoint(IPv4Interface("100.64.9.6/30"), IPv4Address("100.64.9.5"))
    commands = plan(desired_line(wan1, other, state, in_use=False), of_line(wan1, state))
    assert commands[0] == "addr add 100.64.9.6/30 brd + dev wan1"
    assert commands[-1] == "addr del 100.64.1.2/30 dev wan1"
    assert "rule add from 100.64.9.6 lookup 102 pref 10102 protocol 76" in commands


def test_what_only_the_old_configuration_had_is_cleared_and_its_link_taken_down() -> None:
    new = without(network(), frozenset({"lan0"}))
    commands = plan(wanted(new, old=network()), recorded("wan0-in-use"))
    assert commands == [
        "rule del to 10.64.1.0/24 lookup 254 pref 200 protocol 76",
        "addr del 10.64.1.1/24 dev lan0",
        "link set dev lan0 down",
    ]


def test_another_management_address_replaces_ours_and_spares_what_others_put_on_the_loopback() -> None:
    state = recorded("wan0-in-use")
    loopback = state.interfaces["lo"]
    foreign = Interface("lo", up=True, carrier=True, addresses=loopback.addresses | {"192.0.2.99/32"})
    crowded = State(state.interfaces | {"lo": foreign}, state.routes, state.rules)
    commands = plan(wanted(changed("10.250.0.11", "10.250.0.12"), old=network()), crowded)
    assert commands == ["addr add 10.250.0.12/32 dev lo", "addr del 10.250.0.11/32 dev lo"]


def test_a_route_of_ours_that_nobody_wants_any_more_goes() -> None:
    state = recorded("wan0-in-use")
    stale = Route("192.0.2.0/24", via="10.64.1.9", device="lan0")
    commands = plan(wanted(network()), State(state.interfaces, state.routes | {stale}, state.rules))
    assert commands == ["route del 192.0.2.0/24 via 10.64.1.9 dev lan0 table 254 metric 0 proto 76"]


def test_routes_and_rules_of_charon_and_the_kernel_are_not_even_seen() -> None:
    state = recorded("wan0-in-use")
    assert {rule.table for rule in state.rules} == {101, 102, MAIN}
    assert all(route.table in {MAIN, 101, 102} for route in state.routes)
    assert Rule.of_line("198.51.100.2", 101) in state.rules


def test_swapped_priorities_swap_tables_and_metrics() -> None:
    swapped = network(NETWORK.replace("priority = 1", "priority = 3"))
    commands = plan(wanted(swapped, in_use="wan1"), recorded("wan0-in-use"))
    assert f"route replace {DEFAULT_1} table 254 metric 50 proto 76" in commands
    assert f"route replace {DEFAULT_0} table 254 metric 300 proto 76" in commands
    assert "rule add from 198.51.100.2 lookup 103 pref 10103 protocol 76" in commands
    assert "rule del from 198.51.100.2 lookup 101 pref 10101 protocol 76" in commands


def test_a_gateway_outside_the_lines_own_network_is_reached_on_the_link() -> None:
    line = changed("198.51.100.2/30", "198.51.100.2/32").line[0]
    commands = plan(desired_line(line, static_endpoint(line), recorded("wan0-in-use"), in_use=True), State({}))
    assert f"route replace {DEFAULT_0} table 101 metric 0 proto 76 onlink" in commands


def test_a_vlan_is_made_on_its_parent_and_taken_away_with_its_segment() -> None:
    tenant = '[[port]]\nname = "lan0.20"\nparent = "lan0"\nvlan = 20\naddresses = ["10.64.2.1/24"]\n[[route]]'
    with_vlan = changed("[[route]]", tenant)
    state = recorded("wan0-in-use")
    commands = plan(wanted(with_vlan), state)
    assert commands == [
        "link add link lan0 name lan0.20 type vlan id 20",
        "link set dev lan0.20 up",
        "addr add 10.64.2.1/24 brd + dev lan0.20",
        "rule add to 10.64.2.0/24 lookup 254 pref 200 protocol 76",
    ]
    made = Interface("lan0.20", up=True, carrier=True, kind="vlan", addresses=frozenset({"10.64.2.1/24"}))
    present = State(state.interfaces | {"lan0.20": made}, state.routes, state.rules)
    assert plan(wanted(network(), old=with_vlan), present) == [
        "addr del 10.64.2.1/24 dev lan0.20",
        "link del dev lan0.20",
    ]


TAGGED = ('name = "wan0"', 'name = "wan0.102"\nparent = "wan0"\nvlan = 102')


def test_a_tagged_line_is_made_on_its_parent_which_is_set_up_and_is_gone_with_the_line() -> None:
    tagged = changed(*TAGGED)
    commands = plan(wanted(tagged, in_use="wan0.102"), recorded("fresh-router"))
    assert commands[:1] == ["link add link wan0 name wan0.102 type vlan id 102"]
    assert [line for line in commands if line.startswith("link set")] == [
        f"link set dev {name} up" for name in ("lan0", "lo", "wan0", "wan0.102", "wan1")
    ]
    assert "addr add 198.51.100.2/30 brd + dev wan0.102" in commands
    made = Interface("wan0.102", up=True, carrier=True, kind="vlan", addresses=frozenset({"198.51.100.2/30"}))
    state = recorded("fresh-router")
    present = State(state.interfaces | {"wan0.102": made}, state.routes, state.rules)
    back = plan(wanted(network(), old=tagged), present)
    assert "link del dev wan0.102" in back
    assert "link set dev wan0 down" not in back


def test_a_line_whose_parent_this_router_lacks_is_left_out_and_an_untagged_line_may_be_beside_it() -> None:
    text = NETWORK.replace(*TAGGED)
    assert [line.name for line in without(network(text), frozenset({"wan0"})).line] == ["wan1"]
    check(network(text.replace('name = "wan1"', 'name = "wan0"')))


def test_a_line_says_why_it_cannot_carry_anything() -> None:
    wan0, wan1 = network().line
    where = static_endpoint(wan0)
    assert where is not None
    standing = Standing({"wan0": where}, {"wan1": "was given 224.0.0.1, which is a multicast address"})
    assert why_not_ready(wan0, standing, recorded("wan0-in-use")) == ""
    assert why_not_ready(wan0, standing, recorded("wan0-link-down")) == "link is down"
    assert why_not_ready(wan1, Standing(), recorded("wan0-in-use")) == "no DHCP lease"
    assert why_not_ready(wan1, standing, recorded("wan0-in-use")) == "was given 224.0.0.1, which is a multicast address"
    assert why_not_ready(wan1, standing, State({})) == "no such interface"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("198.51.100.2/30", "198.51.100.300/30", "wan0: address: .*198.51.100.300.*write it like"),
        ('gateway = "198.51.100.1"\n', "", "wan0: a static line needs an address and a gateway"),
        ("10.64.1.1/24", "10.64.1.1/24\\naddr flush dev lo", "lan0: address"),
        ("10.250.0.11", "10.250.0.0/24", "lo: management address"),
        ('target = "203.0.113.2"', 'target = "hub.example"', "target of the watch: .*hub.example.*write it like"),
        ("[management]", 'reserved = ["10.255.0.1/24"]\n[management]', "reserved network: 10.255.0.1/24 has host bits"),
        ("10.0.0.0/8", "10.0.0.1/8", "route prefix: 10.0.0.1/8 has host bits set"),
        ('type = "unreachable"', 'type = "via"', "route 10.0.0.0/8: `via` goes with"),
        ("priority = 2", "priority = 1", "priority 1 is given twice"),
        ('name = "lan0"', 'name = "wan0"', "name wan0 is given twice"),
        ('name = "lan0"', 'name = "lan0.2"\nvlan = 2', "lan0.2: parent and vlan go together"),
        ('name = "wan1"', 'name = "wan1.2"\nparent = "wan1"', "wan1.2: parent and vlan go together"),
        (
            "[[port]]",
            "".join(f'[[port]]\nname = "{x}"\nparent = "lan0"\nvlan = 7\naddresses = []\n' for x in "ab") + "[[port]]",
            "VLAN 7 on lan0 is given twice",
        ),
        ("priority = 2", 'priority = 2\naddress = "192.0.2.5/24"', 'wan1: .* go with method "static"'),
        ("198.51.100.2/30", "198.51.100.1/30", "wan0: 198.51.100.1 cannot be both its address and its gateway"),
        ("[[port]]", '[[line.alternative]]\nmethod = "static"\n[[port]]', "wan1: a static line needs an address"),
        ("[[port]]", '[[line.alternative]]\nmethod = "dhcp"\n[[port]]', "wan1: the addressing dhcp is given twice"),
        (
            '[watch]\ntarget = "203.0.113.2"\n',
            '[[line]]\nname="w"\nkind="mobile"\nmethod="dhcp"\npriority=3\n[[line.alternative]]\nmethod="dhcp"',
            "w: nothing would tell when to try an alternative; give it a",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_interface(old: str, new: str, said: str) -> None:
    with pytest.raises(NetworkError, match=said):
        check(changed(old, new))


@pytest.mark.parametrize(
    ("address", "gateway", "said"),
    [
        ("127.0.0.2/30", "127.0.0.1", "was given 127.0.0.2, which is a loopback address"),
        ("0.0.0.2/30", "0.0.0.1", "was given 0.0.0.2, which is no host's address"),
        ("224.0.0.6/30", "224.0.0.5", "was given 224.0.0.6, which is a multicast address"),
        ("203.0.113.1/30", "203.0.113.2", "was given 203.0.113.2, which is the hub's address"),
        ("203.0.113.2/30", "203.0.113.1", "was given 203.0.113.2, which is the hub's address"),
        ("198.51.100.0/30", "198.51.100.1", "was given 198.51.100.0, which is the network or broadcast address of"),
        ("10.64.1.77/24", "10.64.1.254", "was given 10.64.1.77, which is an address of a port's network"),
        ("100.64.1.1/30", "100.64.1.9", "was given 100.64.1.1, which is the gateway of wan0"),
    ],
)
def test_a_configuration_that_puts_a_line_where_none_can_stand_is_not_loaded_but_runs_where_it_is_there_already(
    address: str, gateway: str, said: str
) -> None:
    first = 'method = "static"\naddress = "100.64.1.2/30"\ngateway = "100.64.1.1"\npriority = 1'
    fixed = NETWORK.replace(
        'method = "static"\naddress = "198.51.100.2/30"\ngateway = "198.51.100.1"\npriority = 1', first
    )
    there = f'method = "static"\naddress = "{address}"\ngateway = "{gateway}"\npriority = 2'
    other = f"priority = 2\n[[line.alternative]]\n{there.removesuffix('priority = 2')}"
    second = 'method = "dhcp"\npriority = 2'
    texts = [fixed.replace(second, there)]
    if "wan0" not in said:  # as an alternative that may be right by the time that it is tried
        texts.append(fixed.replace("priority = 2", other))
    for text in texts:
        check(network(text))
        with pytest.raises(NetworkError, match=f"wan1: {said}"):
            check_places(network(text))


def test_a_failed_command_is_named_with_its_interface_and_a_remedy() -> None:
    lines = ["link set dev lan0 up", "link add link lan0 name lan0.20 type vlan id 20", "addr add 10.0.0.1/24 dev x"]
    said = 'Error: Unknown device type.\nCommand failed -:2\nCannot find device "x"\nCommand failed -:3\n'
    error = kernel.failure(said, lines)
    assert "type vlan id 20` failed: Error: Unknown device type." in str(error)
    assert error.interface == "lan0.20"
    assert error.remedy is not None
    assert "no 802.1Q" in error.remedy
