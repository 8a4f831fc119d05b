"""The line watch finds home over a line that nobody configured: real links, udhcpc and udhcpd (needs root)."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from tests.integration.agent import elsewhere
from tests.integration.agent.elsewhere import Rows, addresses, way_to
from tests.integration.agent.namespaces import InNamespace

from linjevakt_agent.base.paths import Paths, default_root
from linjevakt_agent.base.schema import Network
from linjevakt_agent.network import dhcp, network

pytestmark = pytest.mark.lab

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
[[line.alternative]]
method = "dhcp"
[[line]]
name = "wan1"
kind = "mobile"
method = "static"
address = "100.64.1.2/30"
gateway = "100.64.1.1"
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


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The hook of this checkout; udhcpc is nobody's child and would outlive the test."""
    monkeypatch.setattr(dhcp, "HOOK", elsewhere.HOOK)
    yield
    dhcp.ensure(frozenset(), network.run_directory() / "dhcp")


def config(text: str = NETWORK) -> Network:
    return msgspec.toml.decode(text, type=Network)


def watch(until: Callable[[Rows], bool], least_s: float = 0.0) -> list[Rows]:
    return elsewhere.watch(config(), until, least_s)


def up(method: str) -> Callable[[Rows], bool]:
    return lambda told: told["wan0"]["up"] is True and told["wan0"]["method"] == method


def test_a_line_with_a_wrong_fixed_address_answers_by_dhcp_within_6_s_and_keeps_that_till_the_cable_is_pulled(
    in_namespace: InNamespace, tmp_path: Path
) -> None:
    def body() -> None:
        network.apply(None, config())
        with elsewhere.elsewhere(tmp_path) as far:
            with far.home("192.168.1") as plugged:
                told = watch(up("dhcp"))
                assert time.monotonic() - plugged < 6
                assert (told[-1]["wan1"]["in_use"], told[-1]["wan1"]["changes"]) == (True, 0), "mobile meanwhile"
                (lent,) = addresses("wan0")
                assert lent.startswith("192.168.1.5")
                assert addresses("wan1") == {"100.64.1.2/30"}
                watch(lambda told: told["wan0"]["in_use"] is True)
                network.apply(config(), config(NETWORK.replace("10.250.0.11", "10.250.0.12")))
                assert addresses("wan0") == {lent}
                told = watch(up("dhcp"), least_s=4)
                assert {row["wan0"]["method"] for row in told if row} == {"dhcp"}, "one that answers is left alone"
            watch(lambda told: told["wan0"]["method"] == "static")
            assert addresses("wan0") == {"198.51.100.2/30"}
            assert not list((Paths(default_root()).run / "dhcp").glob("wan0.*")), "and no client goes on asking"
            far.ip("addr", "add", "198.51.100.1/30", "dev", "wan0p")
            plugged = far.plug()
            watch(up("static"))
            assert time.monotonic() - plugged < 2

    in_namespace(body)


def test_a_home_network_with_the_addresses_of_the_inside_is_only_passed_through(
    in_namespace: InNamespace, tmp_path: Path
) -> None:
    def body() -> None:
        network.apply(None, config())
        with elsewhere.elsewhere(tmp_path) as far, far.home("10.0.0"):
            watch(up("dhcp"))
            assert "No route to host" in way_to("10.0.0.77"), "inside is reached by the tunnel or not at all"

    in_namespace(body)


def test_a_line_that_meets_the_routers_own_lan_says_so_and_the_lan_keeps_it(
    in_namespace: InNamespace, tmp_path: Path
) -> None:
    def body() -> None:
        network.apply(None, config())
        with elsewhere.elsewhere(tmp_path) as far, far.home("10.64.1"):
            refusal = re.compile(r"was given 10\.64\.1\.5\d, which is an address of a port's network")
            watch(lambda told: refusal.fullmatch(str(told["wan0"]["detail"])) is not None)
            assert "dev lan0" in way_to("10.64.1.77")
            assert addresses("wan0") == frozenset()

    in_namespace(body)
