"""A DHCP server of an attacker on the line in reserve: real links and udhcpc, the good line as it was (needs root)."""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from tests import strangers
from tests.integration.agent import elsewhere
from tests.integration.agent.elsewhere import Elsewhere, Rows, addresses, running, way_to
from tests.integration.agent.namespaces import InNamespace, ip
from tests.strangers import FOR_EVER, Offer

from linjevakt_agent.base.schema import Network
from linjevakt_agent.lines import ikeprobe
from linjevakt_agent.lines.ikeprobe import ProbeSocket
from linjevakt_agent.network import dhcp, network

pytestmark = pytest.mark.lab

HUB = "203.0.113.2"
NETWORK = """
reserved = ["10.255.0.30/32"]
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
HONEST: Offer = {"address": "100.64.1.2", "mask": "255.255.255.252", "routers": ["100.64.1.1"], "lease": 3600}
HUBS_OWN: Offer = {"address": HUB, "mask": "255.255.255.252", "routers": ["203.0.113.1"], "lease": FOR_EVER}

NOWHERE: Offer = {"address": "192.0.2.9", "mask": "255.255.255.0", "routers": ["192.0.2.1"], "lease": FOR_EVER}


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The hook of this checkout; udhcpc is nobody's child and would outlive the test."""
    monkeypatch.setattr(dhcp, "HOOK", elsewhere.HOOK)
    yield
    dhcp.ensure(frozenset(), network.run_directory() / "dhcp")


@contextmanager
def lending(far: Elsewhere, offer: Offer) -> Iterator[None]:
    """A server beyond wan1 that offers this, and nothing else, to whoever asks."""
    argv = [sys.executable, str(Path(strangers.__file__)), "wan1p", json.dumps(offer), "100.64.1.1"]
    with running(far.argv(*argv)) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield


@contextmanager
def attacked(folder: Path, offer: Offer) -> Iterator[Elsewhere]:
    """A router whose good line answers, and that offer on the other one."""
    network.apply(None, config())
    with elsewhere.elsewhere(folder) as far:
        far.ip("addr", "add", "198.51.100.1/30", "dev", "wan0p")
        far.plug()
        with lending(far, offer):
            yield far


def config() -> Network:
    return msgspec.toml.decode(NETWORK, type=Network)


def undisturbed(told: list[Rows]) -> bool:
    """Whether the good line was in use all the time, once it was."""
    in_use = [row["wan0"]["in_use"] and row["wan0"]["up"] for row in told if row]
    return all(in_use[in_use.index(True) :])


REFUSED: dict[str, tuple[Offer, str]] = {
    "the hub's own address": (HUBS_OWN, "was given 203.0.113.2, which is the hub's address"),
    "this network": ({"address": "0.0.0.7", "mask": "255.0.0.0", "routers": ["0.0.0.1"]}, "which is no host's address"),
    "loopback": (
        {"address": "127.0.0.9", "mask": "255.0.0.0", "routers": ["127.0.0.1"]},
        "which is a loopback address",
    ),
    "multicast": (
        {"address": "224.0.0.7", "mask": "255.255.255.0", "routers": ["224.0.0.1"]},
        "which is a multicast address",
    ),
    "for all": ({"address": "255.255.255.255", "routers": ["192.0.2.1"]}, "which is a reserved or broadcast address"),
    "the good line's": (
        {"address": "198.51.100.2", "mask": "255.255.255.252", "routers": ["198.51.100.1"]},
        "was given 198.51.100.2, which is the address of wan0",
    ),
    "a PC's address": ({"address": "10.64.1.77", "routers": ["100.64.1.1"]}, "which is an address of a port's network"),
    "the proxy's address": (
        {"address": "10.255.0.30", "routers": ["100.64.1.1"]},
        "which is an address of a service inside",
    ),
    "no router": ({"address": "100.64.1.2", "mask": "255.255.255.252"}, "was given '100.64.1.2' without a router"),
}


@pytest.mark.parametrize("attack", REFUSED)
def test_a_lease_of_what_is_not_the_lines_is_not_taken_and_the_good_line_is_left_alone(
    in_namespace: InNamespace, tmp_path: Path, attack: str
) -> None:
    offer, said = REFUSED[attack]

    def body() -> None:
        with attacked(tmp_path, offer):
            told = elsewhere.watch(
                config(), lambda row: said in str(row["wan1"]["detail"]) and row["wan0"]["up"] is True, least_s=2
            )
            assert undisturbed(told)
            assert (told[-1]["wan1"]["up"], told[-1]["wan1"]["address"]) == (False, None)
            assert addresses("wan1") == frozenset()
            assert "dev wan0" in way_to(HUB)
            assert "dev lan0" in way_to("10.64.1.77")

    in_namespace(body)


@pytest.mark.parametrize("mask", ["255.255.255.0", "128.0.0.0", "0.0.0.0"])
def test_a_network_around_the_hub_on_the_line_in_reserve_draws_nothing_there(
    in_namespace: InNamespace, tmp_path: Path, mask: str
) -> None:
    around: Offer = {"address": "203.0.113.9", "mask": mask, "routers": ["203.0.113.254"]}

    def body() -> None:
        with attacked(tmp_path, around):
            told = elsewhere.watch(
                config(), lambda row: row["wan1"]["address"] == "203.0.113.9" and row["wan0"]["up"] is True, least_s=2
            )
            assert undisturbed(told)
            assert addresses("wan1") == {"203.0.113.9/32"}
            assert "via 198.51.100.1 dev wan0" in way_to(HUB)
            assert "via 203.0.113.254 dev wan1" in ip("route", "get", HUB, "from", "203.0.113.9")

    in_namespace(body)


@pytest.mark.parametrize("offer", [HUBS_OWN, NOWHERE], ids=["refused", "silent"])
def test_a_line_with_a_lease_that_is_of_no_use_goes_on_asking_and_an_honest_server_is_heard(
    in_namespace: InNamespace, tmp_path: Path, offer: Offer
) -> None:
    def body() -> None:
        network.apply(None, config())
        with elsewhere.elsewhere(tmp_path) as far:
            with lending(far, offer):
                elsewhere.watch(
                    config(), lambda row: row["wan1"]["up"] is False and unserved(str(row["wan1"]["detail"]))
                )
            with lending(far, HONEST):
                began = time.monotonic()
                elsewhere.watch(config(), lambda row: row["wan1"]["up"] is True)
            assert time.monotonic() - began < dhcp.ASK_AGAIN_S + 5
            assert addresses("wan1") == {"100.64.1.2/32"}

    in_namespace(body)


def test_a_lease_is_renewed_in_time_though_its_network_is_no_route_and_a_renewal_to_the_hubs_address_is_refused(
    in_namespace: InNamespace, tmp_path: Path
) -> None:
    def body() -> None:
        network.apply(None, config())
        with elsewhere.elsewhere(tmp_path) as far:
            far.ip("addr", "add", "198.51.100.1/30", "dev", "wan0p")
            far.plug()
            with lending(far, {**HONEST, "lease": 16}):
                elsewhere.watch(config(), lambda row: row["wan1"]["up"] is True)
                told = elsewhere.watch(config(), lambda row: row["wan1"]["up"] is True, least_s=18)
                assert all(row["wan1"]["address"] == "100.64.1.2" for row in told if row), "it has run out meanwhile"
            with lending(far, HUBS_OWN):
                told = elsewhere.watch(
                    config(), lambda row: row["wan1"]["detail"] == REFUSED["the hub's own address"][1]
                )
                assert undisturbed(told)
                assert addresses("wan1") == frozenset()

    in_namespace(body)


def unserved(detail: str) -> bool:
    return detail.startswith("was given") or "unanswered" in detail


@contextmanager
def answering_at_home() -> Iterator[None]:
    """What charon does with a probe that is sent to an address of its own router."""
    stop = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as charon:
        charon.bind(("0.0.0.0", 500))
        charon.settimeout(0.1)

        def answer() -> None:
            while not stop.is_set():
                with suppress(TimeoutError):
                    request, asker = charon.recvfrom(2048)
                    charon.sendto(request[:19] + bytes([request[19] | 0x20]) + request[20:], asker)

        thread = threading.Thread(target=answer)
        thread.start()
        yield
        stop.set()
        thread.join()


def test_what_this_router_answers_itself_is_no_sign_of_life_of_the_hub(in_namespace: InNamespace) -> None:
    def body() -> None:
        ip("link", "set", "lo", "up")
        ip("link", "set", "wan1", "up")
        ip("addr", "add", f"{HUB}/30", "dev", "wan1")
        with answering_at_home():
            assert heard_by_a_socket_that_is_only_bound(), "the attack is real: the kernel lets it through"
            probe = ProbeSocket("wan1", HUB, (HUB, 500))
            for sequence in range(1, 6):
                probe.send(sequence)
                time.sleep(0.05)
            assert list(probe.answers()) == []
            probe.close()

    in_namespace(body)


def heard_by_a_socket_that_is_only_bound() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"wan1")
        bound.bind((HUB, 0))
        bound.connect((HUB, 500))
        bound.settimeout(1)
        bound.send(ikeprobe.request(b"toke", 7))
        try:
            return ikeprobe.answered(bound.recv(2048), b"toke") == 7
        except TimeoutError:
            return False
