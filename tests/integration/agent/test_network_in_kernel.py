"""`network.apply` and `reconcile_line` against a real kernel, in a network namespace of the test's own (needs root)."""

import select
import subprocess
from collections.abc import Callable

import msgspec
import pytest
from tests.integration.agent.namespaces import InNamespace, ip

from linjevakt_agent.base.schema import Network
from linjevakt_agent.network import kernel, network
from linjevakt_agent.network.kernel import MAIN, NetworkError, Route, State

pytestmark = pytest.mark.lab

TWO_LINES = """
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
kind = "own_isp"
method = "static"
address = "198.51.100.6/30"
gateway = "198.51.100.5"
priority = 2
[[port]]
name = "lan0"
addresses = ["10.64.1.1/24", "10.64.1.2/24"]
[[route]]
prefix = "10.0.0.0/8"
type = "unreachable"
metric = 4000
[[route]]
prefix = "192.0.2.0/24"
type = "via"
via = "10.64.1.9"
"""
OTHER = """
[management]
address = "10.250.0.12"
[[line]]
name = "wan1"
kind = "nhn_delivered"
method = "static"
address = "198.51.100.6/29"
gateway = "198.51.100.5"
priority = 1
[[port]]
name = "lan0"
addresses = ["10.64.1.2/24"]
"""


def config(text: str) -> Network:
    return msgspec.toml.decode(text, type=Network)


def attempt(action: Callable[[], None]) -> NetworkError | None:
    try:
        action()
    except NetworkError as error:
        return error
    return None


def ours(state: State) -> dict[str, frozenset[str]]:
    return {name: state.interfaces[name].addresses for name in ("lo", "wan0", "wan1", "lan0")}


def main_defaults(state: State) -> set[tuple[str | None, int]]:
    return {(r.device, r.metric) for r in state.routes if (r.table, r.prefix) == (MAIN, "default")}


def test_applying_twice_changes_nothing_and_going_there_and_back_leaves_no_trace(in_namespace: InNamespace) -> None:
    def body() -> None:
        two, other = config(TWO_LINES), config(OTHER)
        network.apply(None, two)
        first = kernel.read()
        assert main_defaults(first) == {("wan0", 100), ("wan1", 200)}
        network.apply(two, two)
        assert kernel.read() == first
        network.apply(two, other)
        there = kernel.read()
        assert ours(there) == {
            "lo": {"127.0.0.1/8", "10.250.0.12/32"},
            "wan0": frozenset(),
            "wan1": {"198.51.100.6/29"},
            "lan0": {"10.64.1.2/24"},
        }
        assert main_defaults(there) == {("wan1", 100)}
        assert not there.interfaces["wan0"].up
        network.apply(other, two)
        assert kernel.read() == first

    in_namespace(body)


def test_the_line_in_use_stays_in_use_when_a_configuration_is_applied(in_namespace: InNamespace) -> None:
    def body() -> None:
        two = config(TWO_LINES)
        network.apply(None, two)
        network.reconcile_line(two, "wan1", in_use=True)
        network.reconcile_line(two, "wan0", in_use=False)
        assert main_defaults(kernel.read()) == {("wan1", 50), ("wan0", 100)}
        network.apply(two, config(TWO_LINES.replace("10.250.0.11", "10.250.0.13")))
        assert main_defaults(kernel.read()) == {("wan1", 50), ("wan0", 100)}

    in_namespace(body)


def test_there_is_a_default_at_every_moment_of_a_move(in_namespace: InNamespace) -> None:
    def body() -> None:
        two = config(TWO_LINES)
        network.apply(None, two)
        network.reconcile_line(two, "wan0", in_use=True)
        with subprocess.Popen(["ip", "-o", "monitor", "route"], stdout=subprocess.PIPE, text=True) as monitor:
            _listening(monitor)
            network.reconcile_line(two, "wan1", in_use=True)
            network.reconcile_line(two, "wan0", in_use=False)
            ip("route", "add", "203.0.113.99", "dev", "lan0")
            said = _said(monitor, until="203.0.113.99")
            monitor.terminate()
        assert any("default" in line and "metric 50" in line for line in said)
        assert not any(line.startswith("Deleted default") and "metric 50" in line for line in said)

    in_namespace(body)


def _listening(monitor: "subprocess.Popen[str]") -> None:
    for metric in range(1, 200):
        ip("route", "add", "203.0.113.98", "dev", "lan0", "metric", str(metric))
        if monitor.stdout and select.select([monitor.stdout], [], [], 0.05)[0]:
            return
    raise AssertionError("ip monitor says nothing")


def _said(monitor: "subprocess.Popen[str]", until: str) -> list[str]:
    assert monitor.stdout is not None
    said: list[str] = []
    while until not in (line := monitor.stdout.readline()):
        said.append(line)
    return said


def test_routes_that_went_with_the_link_come_back_and_those_of_others_are_left_alone(in_namespace: InNamespace) -> None:
    def body() -> None:
        two = config(TWO_LINES)
        network.apply(None, two)
        network.reconcile_line(two, "wan0", in_use=True)
        before = kernel.read()
        ip("route", "add", "10.255.0.0/24", "dev", "lan0", "table", "220")
        ip("route", "add", "default", "via", "10.64.1.7", "metric", "900")
        ip("link", "set", "wan0", "down")
        network.reconcile_line(two, "wan0", in_use=False)
        assert main_defaults(kernel.read()) == {("wan1", 200)}
        ip("link", "set", "wan0", "up")
        network.reconcile_line(two, "wan0", in_use=True)
        assert kernel.read().routes == before.routes
        network.apply(two, two)
        assert "10.255.0.0/24" in ip("route", "show", "table", "220")
        assert "metric 900" in ip("route", "show", "default")

    in_namespace(body)


def test_half_of_a_commit_is_mended_by_applying_the_confirmed_one_without_knowing_the_half(
    in_namespace: InNamespace,
) -> None:
    def body() -> None:
        two = config(TWO_LINES)
        network.apply(None, two)
        whole = kernel.read()
        ip("addr", "add", "198.51.100.9/30", "dev", "wan0")
        ip("addr", "del", "10.64.1.1/24", "dev", "lan0")
        ip("route", "replace", "default", "via", "198.51.100.5", "metric", "77", "proto", "76")
        ip("rule", "add", "from", "198.51.100.9", "lookup", "107", "protocol", "76", "pref", "10107")
        network.apply(None, two)
        assert kernel.read() == whole

    in_namespace(body)


def test_an_interface_that_is_not_there_is_refused_untouched_but_keeps_no_other_down_at_boot(
    in_namespace: InNamespace,
) -> None:
    def body() -> None:
        two, wrong = config(TWO_LINES), config(TWO_LINES.replace('"wan1"', '"wan11"'))
        network.apply(None, two)
        before = kernel.read()
        with pytest.raises(NetworkError, match="wan11: no such interface; did you mean wan1") as refused:
            network.apply(two, wrong)
        assert refused.value.interface == "wan11"
        assert kernel.read() == before
        network.apply(None, wrong)
        assert Route("default", MAIN, 100, via="198.51.100.1", device="wan0") in kernel.read().routes

    in_namespace(body)


def test_a_vlan_that_the_kernel_cannot_make_is_an_error_that_says_so(in_namespace: InNamespace) -> None:
    tenant = '[[port]]\nname = "lan0.20"\nparent = "lan0"\nvlan = 20\naddresses = ["10.64.2.1/24"]\n'

    def body() -> None:
        two, with_vlan = config(TWO_LINES), config(TWO_LINES + tenant)
        network.apply(None, two)
        before = kernel.read()
        failure = attempt(lambda: network.apply(two, with_vlan))
        if failure is None:
            assert kernel.read().interfaces["lan0.20"].kind == "vlan"
        else:
            assert failure.interface == "lan0.20"
            assert "no 802.1Q" in str(failure)
        network.apply(with_vlan, two)
        assert kernel.read() == before

    in_namespace(body)
