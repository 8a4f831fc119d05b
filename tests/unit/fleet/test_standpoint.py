"""A router that does not answer: it is told when that is for running the command in the wrong place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from typing import cast

import pytest

from linjevakt.devices import Device, Target
from linjevakt.model.errors import DeviceError, RefusedError, UnreachableError
from linjevakt.model.health import Health, SnmpTarget
from linjevakt.model.saying import in_language
from linjevakt.model.secret import Secret
from linjevakt.standpoint import Standpoint, source

CONTROLLERS = (IPv4Network("10.255.0.10/32"), IPv4Network("192.0.2.0/29"))
ROUTER = Target("rtr-a", "linjevakt.devices.linjevakt", "10.250.0.11", "linjevakt", Secret("key"), "ssh-ed25519 AAAA")
POLLED = SnmpTarget("rtr-a", "10.250.0.11", "linjevakt", "00", Secret("00"), Secret("00"), "linjevakt.health.linjevakt")


class Net:
    """A network in which a router answers, or does not, whoever asks."""

    def __init__(self, *, reachable: bool) -> None:
        self.reachable = reachable

    @contextmanager
    def connect(self, target: Target) -> Iterator[Device]:
        if not self.reachable:
            raise UnreachableError(f"{target.router}: timed out")
        yield cast(Device, self)

    def poll(self, target: SnmpTarget) -> Health:
        at = datetime(2026, 11, 26, tzinfo=UTC)
        return Health(target.router, at, reachable=self.reachable, detail="" if self.reachable else "timed out")


def standing(at: str | None, *, reachable: bool = False) -> Standpoint:
    net, here = Net(reachable=reachable), IPv4Address(at) if at else None
    return Standpoint(lambda: CONTROLLERS, net.connect, net, lambda _address: here)


def login(point: Standpoint) -> DeviceError:
    with pytest.raises(UnreachableError) as refused, point.connect(ROUTER):
        pass
    return refused.value


def poll(point: Standpoint) -> DeviceError:
    with pytest.raises(UnreachableError) as refused:
        point.poll(POLLED)
    return refused.value


@pytest.mark.parametrize("at", ["172.17.0.2", "10.255.0.11", None])
def test_from_elsewhere_the_failure_says_where_to_run_it_in_both_languages(at: str | None) -> None:
    for told in (login(standing(at)), poll(standing(at))):
        assert "rtr-a: timed out; routers let in 10.255.0.10/32, 192.0.2.0/29 alone" in str(told)
        assert str(told).endswith("run it there; for a lab as `lab linjevakt ...`")
        assert "kjør kommandoen der; for en lab som `lab linjevakt ...`" in in_language(told, "nb")


@pytest.mark.parametrize("at", ["10.255.0.10", "192.0.2.5", "127.0.0.1"])
def test_from_where_it_is_let_in_a_failure_is_what_it_was(at: str) -> None:
    assert str(login(standing(at))) == "rtr-a: timed out"
    assert standing(at).poll(POLLED).detail == "timed out"


def test_whoever_is_answered_is_told_nothing() -> None:
    point = standing("172.17.0.2", reachable=True)
    with point.connect(ROUTER) as device:
        assert device is not None
    assert point.poll(POLLED).detail == ""


def test_another_error_is_handed_through() -> None:
    with (
        pytest.raises(RefusedError, match=r"^not valid$"),
        standing("172.17.0.2", reachable=True).connect(ROUTER),
    ):
        raise RefusedError("not valid")


def test_the_kernel_says_where_we_come_from() -> None:
    assert source("127.0.0.1") == IPv4Address("127.0.0.1")
    assert source("255.255.255.255") is None
