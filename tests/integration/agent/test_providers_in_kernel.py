"""DHCP as providers give it: real links and udhcpc, the router of a line as the server tells it (needs root)."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import msgspec
import pytest
from tests import strangers
from tests.integration.agent import elsewhere
from tests.integration.agent.elsewhere import Elsewhere, Rows, addresses, running, way_to
from tests.integration.agent.namespaces import InNamespace, ip
from tests.strangers import Offer

from linjevakt_agent.base.schema import Network
from linjevakt_agent.network import dhcp, network

pytestmark = pytest.mark.lab

NETWORK = """
[management]
address = "10.250.0.11"
[[line]]
name = "wan1"
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
[watch]
target = "203.0.113.2"
"""
GATEWAY, NOBODY = "100.64.1.1", "100.64.1.9"
ANYWHERE, INSIDE = "0.0.0.0/0", "10.0.0.0/8"


def routes(*pairs: tuple[str, str]) -> str:
    """The value of option 121 (RFC 3442): width, the octets that count, router; hexadecimal."""
    value = b""
    for prefix, router in pairs:
        network = IPv4Network(prefix)
        octets = network.network_address.packed[: (network.prefixlen + 7) // 8]
        value += bytes([network.prefixlen]) + octets + IPv4Address(router).packed
    return value.hex()


def offer(routers: tuple[str, ...] = (), **asked: str) -> Offer:
    """An offer of a provider; `asked` by `option_NUMBER`."""
    options = {name.removeprefix("option_"): value for name, value in asked.items()}
    return {
        "address": "100.64.1.2", "mask": "255.255.255.0", "routers": list(routers), "lease": 3600, "asked": options,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The hook of this checkout; udhcpc is nobody's child and would outlive the test."""
    monkeypatch.setattr(dhcp, "HOOK", elsewhere.HOOK)
    yield
    dhcp.ensure(frozenset(), network.run_directory() / "dhcp")


@contextmanager
def provider(folder: Path, said: Offer) -> Iterator[Elsewhere]:
    """A provider that lends this on wan1, and has one router there that works."""
    network.apply(None, config())
    argv = [sys.executable, str(Path(strangers.__file__)), "wan1p", json.dumps(said), GATEWAY]
    with elsewhere.elsewhere(folder) as far, running(far.argv(*argv)) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield far


def config() -> Network:
    return msgspec.toml.decode(NETWORK, type=Network)


def whole(row: Rows) -> bool:
    return row["wan1"]["up"] is True


TAKEN = {
    "121 only": offer(option_121=routes((ANYWHERE, GATEWAY))),
    "249 only": offer(option_249=routes((ANYWHERE, GATEWAY))),
    "121 and 249, which is wrong, and a router that is": offer(
        (NOBODY,), option_121=routes((ANYWHERE, GATEWAY)), option_249=routes((ANYWHERE, NOBODY))
    ),
    "a router by a route on the link, after one to the inside": offer(
        option_121=routes((INSIDE, GATEWAY), (f"{GATEWAY}/32", "0.0.0.0"), (ANYWHERE, GATEWAY))
    ),
}


@pytest.mark.parametrize("said", TAKEN.values(), ids=TAKEN.keys())
def test_the_router_of_the_default_route_that_the_server_tells_is_used(
    in_namespace: InNamespace, tmp_path: Path, said: Offer
) -> None:
    def body() -> None:
        with provider(tmp_path, said):
            elsewhere.watch(config(), whole)
            assert f"via {GATEWAY} dev wan1" in ip("route", "show", "table", "101")
            assert addresses("wan1") == {"100.64.1.2/32"}
            assert "dev wan1" not in way_to("10.9.9.9"), "a lease draws nothing of the inside"

    in_namespace(body)


@pytest.mark.parametrize(
    "said",
    [offer((NOBODY, GATEWAY)), offer(option_121=routes((ANYWHERE, NOBODY), (ANYWHERE, GATEWAY)))],
    ids=["option 3", "option 121"],
)
def test_the_next_router_is_tried_when_nothing_answers_by_the_first_and_kept_when_the_lease_is_renewed(
    in_namespace: InNamespace, tmp_path: Path, said: Offer
) -> None:
    def body() -> None:
        with provider(tmp_path, {**said, "lease": 8}):
            began = time.monotonic()
            elsewhere.watch(config(), whole)
            whole_after = time.monotonic() - began
            sys.stdout.write(f"whole by the second router after {whole_after:.1f} s\n")
            assert whole_after < dhcp.ROUTER_S + 9
            told = elsewhere.watch(config(), whole, least_s=10)
            assert all(row["wan1"]["up"] is not False for row in told if row), "a renewal has led back to the first"

    in_namespace(body)


UNTAKEN = {
    "none": (offer(), "was given '100.64.1.2' without a router to reach anything by"),
    "routes without the default": (
        offer((GATEWAY,), option_121=routes((INSIDE, GATEWAY))),
        "was given '100.64.1.2' with routes, but none of them the default by a router",
    ),
    "a default on the link": (
        offer(option_121=routes((ANYWHERE, "0.0.0.0"))),
        "was given '100.64.1.2' with routes, but none of them the default by a router",
    ),
    "a width of 33": (offer((GATEWAY,), option_121="21" + "0a000000" * 2), "was given nothing as its routes"),
    "cut short": (offer((GATEWAY,), option_249="180a0000640101"), "was given nothing as its routes"),
}


@pytest.mark.parametrize("case", UNTAKEN)
def test_a_lease_without_a_router_is_named_in_the_lines_detail(
    in_namespace: InNamespace, tmp_path: Path, case: str
) -> None:
    said, detail = UNTAKEN[case]

    def body() -> None:
        with provider(tmp_path, said):
            told = elsewhere.watch(config(), lambda row: row["wan1"]["detail"] == detail)
            assert (told[-1]["wan1"]["up"], told[-1]["wan1"]["address"]) == (False, None)

    in_namespace(body)
