"""Leases as udhcpc's hook writes them and the agent reads them."""

import math
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

import pytest

from linjevakt_agent.network import dhcp
from linjevakt_agent.network.dhcp import LeaseError

HOOK = Path(__file__).parents[3] / "agent/system/rootfs/usr/lib/linjevakt/udhcpc-hook"
BOUND = {"interface": "wan1", "ip": "100.64.1.2", "mask": "30", "router": "100.64.1.1 100.64.1.9", "lease": "60"}


def hook(directory: Path, event: str, **values: str) -> None:
    environment = os.environ | {"LINJEVAKT_DHCP": str(directory)} | BOUND | values
    subprocess.run(["sh", str(HOOK), event], env=environment, check=True)


def now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def test_what_the_hook_writes_the_agent_reads(tmp_path: Path) -> None:
    hook(tmp_path, "bound")
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert (found.address, found.gateway) == (IPv4Interface("100.64.1.2/30"), IPv4Address("100.64.1.1"))
    assert 55 < found.expires - now() <= 60
    assert [file.name for file in tmp_path.iterdir()] == ["wan1.lease"]


@pytest.mark.parametrize(
    ("said", "mtu"), [("1428", 1428), ("68", 68), ("67", None), ("", None), ("-1", None), ("x", None)]
)
def test_the_mtu_of_a_link_is_read_where_it_can_be_one(tmp_path: Path, said: str, mtu: int | None) -> None:
    hook(tmp_path, "bound", mtu=said)
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert found.mtu == mtu


def test_a_renewal_with_another_address_replaces_the_lease_and_shows_in_its_stamp(tmp_path: Path) -> None:
    hook(tmp_path, "bound")
    before = dhcp.stamp("wan1", tmp_path)
    hook(tmp_path, "renew", ip="100.64.1.6", router="100.64.1.5")
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert str(found.address) == "100.64.1.6/30"
    assert dhcp.stamp("wan1", tmp_path) != before


def test_a_lease_that_is_lost_is_gone(tmp_path: Path) -> None:
    hook(tmp_path, "bound")
    hook(tmp_path, "deconfig")
    assert dhcp.lease("wan1", tmp_path) is None
    assert dhcp.stamp("wan1", tmp_path) is None


def test_a_client_that_takes_over_keeps_the_lease_of_the_one_before_it_once(tmp_path: Path) -> None:
    hook(tmp_path, "bound")
    (tmp_path / "wan1.adopt").touch()
    hook(tmp_path, "deconfig")
    assert dhcp.lease("wan1", tmp_path) is not None
    hook(tmp_path, "deconfig")
    assert dhcp.lease("wan1", tmp_path) is None


def test_a_lease_without_a_netmask_is_a_lease_and_one_without_a_router_is_none(tmp_path: Path) -> None:
    hook(tmp_path, "bound", mask="")
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert str(found.address) == "100.64.1.2/32"
    hook(tmp_path, "bound", router="")
    with pytest.raises(LeaseError, match=r"was given '100\.64\.1\.2' without a router"):
        dhcp.lease("wan1", tmp_path)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("ip", "", "was given nothing as its address"),
        ("ip", "100.64.1", "was given '100.64.1' as its address"),
        ("ip", "1.2.3.4\naddress=5.6.7.8", r"was given '1\.2\.3\.4\?{9}5\.6\.7\.8' as its address"),
        ("ip", "9" * 100_000, "was given '9{40}' as its address"),
        ("router", "1.2.3.4\naddress=5.6.7.8", r"was given '1\.2\.3\.4\?{9}5\.6\.7\.8' as its router"),
        ("router", "$(reboot)", r"was given '\?{9}' as its router"),
        ("router", "\x1b[2J", r"was given '\?\?2\?' as its router"),
        ("router", "1.2.3.4 5.6.7", "was given '5.6.7' as its router"),
        ("staticroutes", "", "was given nothing as its routes"),
        ("msstaticroutes", "", "was given nothing as its routes"),
        ("staticroutes", "0.0.0.0/0", "was given '0.0.0.0/0' as its routes"),
        ("staticroutes", "0.0.0.0/33 100.64.1.1", "was given '0.0.0.0/33' as its route"),
        ("staticroutes", "10.0.0.1/8 100.64.1.1", "was given '10.0.0.1/8' as its route"),
        ("staticroutes", "0.0.0.0/0 100.64.1", "was given '100.64.1' as its router"),
        ("staticroutes", "0.0.0.0/0 $(reboot)", r"was given '\?{9}' as its router"),
        ("staticroutes", "10.0.0.0/8 1.2.3.4", r"was given '100\.64\.1\.2' with routes, but none of them the default"),
        ("staticroutes", "0.0.0.0/0 0.0.0.0", r"was given '100\.64\.1\.2' with routes, but none of them the default"),
        ("mask", "33", "was given 100.64.1.2 with '33' as its prefix length"),
        ("mask", "-1", r"was given 100.64.1.2 with '\?1' as its prefix length"),
        ("mask", "255.255.255.0", "was given 100.64.1.2 with '255.255.255.0' as its prefix length"),
        ("lease", "nan", r"was given a lease of '\?\?\?' seconds"),
        ("lease", "inf", r"was given a lease of '\?\?\?' seconds"),
        ("lease", "-5", r"was given a lease of '\?5' seconds"),
        ("lease", "1e9", r"was given a lease of '1\?9' seconds"),
        ("lease", "9" * 400, r"was given a lease of '9{40}' seconds"),
    ],
)
def test_what_no_server_may_say_is_no_lease_and_is_told_without_odd_characters(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    hook(tmp_path, "bound", **{option: value})
    with pytest.raises(LeaseError, match=f"^{said}"):
        dhcp.lease("wan1", tmp_path)


@pytest.mark.parametrize(
    ("told", "routers"),
    [
        ({"staticroutes": "0.0.0.0/0 100.64.1.5"}, ["100.64.1.5"]),
        ({"msstaticroutes": "0.0.0.0/0 100.64.1.5"}, ["100.64.1.5"]),
        ({"staticroutes": "0.0.0.0/0 100.64.1.5", "msstaticroutes": "0.0.0.0/0 100.64.1.6"}, ["100.64.1.5"]),
        ({"staticroutes": "100.64.1.5/32 0.0.0.0 0.0.0.0/0 100.64.1.5 10.0.0.0/8 100.64.1.7"}, ["100.64.1.5"]),
        ({"staticroutes": "0.0.0.0/0 100.64.1.5 0.0.0.0/0 100.64.1.6"}, ["100.64.1.5", "100.64.1.6"]),
        ({"staticroutes": "10.255.255.255/32 10.255.255.255 " * 41 + "0.0.0.0/0 100.64.1.5"}, ["100.64.1.5"]),
        ({"router": "100.64.1.5 100.64.1.5 100.64.1.6"}, ["100.64.1.5", "100.64.1.6"]),
    ],
)
def test_routers_are_those_of_the_default_routes_and_of_option_3_only_where_no_routes_are_told(
    tmp_path: Path, told: dict[str, str], routers: list[str]
) -> None:
    hook(tmp_path, "bound", **told)
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert [str(router) for router in found.routers] == routers
    assert str(found.gateway) == routers[0]


@contextmanager
def living(line: str, directory: Path) -> Iterator[None]:
    """A process that is taken for the line's client, so that none is started."""
    argv = ["udhcpc", "-c", "read word", line]
    with subprocess.Popen(argv, executable="/bin/sh", stdin=subprocess.PIPE) as process:
        (directory / f"{line}.pid").write_text(str(process.pid))
        while not Path(f"/proc/{process.pid}/cmdline").read_bytes():
            time.sleep(0.01)  # the kernel has its words a moment after it has the process
        yield


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Path]:
    """Where wan1 has a client."""
    with living("wan1", tmp_path):
        yield tmp_path


def gateway(directory: Path) -> str:
    found = dhcp.lease("wan1", directory)
    assert found is not None
    return str(found.gateway)


def test_the_routers_of_a_line_that_is_of_no_use_are_tried_by_turns_each_for_its_time(
    client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wan1 = frozenset({"wan1"})
    hook(client, "bound")
    monkeypatch.setattr(dhcp, "ASK_AGAIN_S", math.inf)
    dhcp.ensure(wan1, client, useless=wan1)
    assert gateway(client) == "100.64.1.1", "its first router has not had its time"
    monkeypatch.setattr(dhcp, "ROUTER_S", 0.0)
    dhcp.ensure(wan1, client)
    assert gateway(client) == "100.64.1.1", "the line is of use"
    before = dhcp.stamp("wan1", client)
    for router in ("100.64.1.9", "100.64.1.1", "100.64.1.9"):
        dhcp.ensure(wan1, client, useless=wan1)
        assert gateway(client) == router
    assert dhcp.stamp("wan1", client) != before, "who looks at the lease shall look anew"


def test_the_router_that_was_chosen_is_kept_while_the_server_goes_on_naming_it(
    client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wan1 = frozenset({"wan1"})
    monkeypatch.setattr(dhcp, "ROUTER_S", 0.0)
    monkeypatch.setattr(dhcp, "ASK_AGAIN_S", math.inf)
    hook(client, "bound")
    dhcp.ensure(wan1, client, useless=wan1)
    hook(client, "renew")
    assert gateway(client) == "100.64.1.9"
    hook(client, "renew", router="100.64.1.1 100.64.1.7")
    assert gateway(client) == "100.64.1.1"
    (client / "wan1.router").write_text("damaged")
    assert gateway(client) == "100.64.1.1"


def test_a_line_that_goes_takes_nothing_of_its_vlans_away(tmp_path: Path) -> None:
    hook(tmp_path, "bound")
    (tmp_path / "wan1.pid").touch()
    hook(tmp_path, "bound", interface="wan1.102")
    with living("wan1.102", tmp_path):
        dhcp.ensure(frozenset({"wan1.102"}), tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["wan1.102.lease", "wan1.102.pid"]


@pytest.mark.parametrize("name", ["../wan1", "", ".wan1", "wan1\nx", "WAN1"])
def test_the_hook_writes_nowhere_but_where_a_line_has_its_lease(tmp_path: Path, name: str) -> None:
    (tmp_path / "dhcp").mkdir()
    with pytest.raises(subprocess.CalledProcessError):
        hook(tmp_path / "dhcp", "bound", interface=name)
    assert list(tmp_path.rglob("*.lease*")) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "address=100.64.1.2\n",
        "address=x\nprefix=30\nrouter=100.64.1.1\nlease=60\nobtained=1\n",
        "address=100.64.1.2\nprefix=30\nrouter=100.64.1.1\nlease=60\nobtained=inf\n",
        "address=\xff\nprefix=30\n",
    ],
)
def test_a_damaged_lease_is_none_and_one_of_the_future_neither(tmp_path: Path, text: str) -> None:
    (tmp_path / "wan1.lease").write_text(text, encoding="latin-1")
    with pytest.raises(LeaseError):
        dhcp.lease("wan1", tmp_path)
    ahead = f"address=100.64.1.2\nprefix=30\nrouter=100.64.1.1\nlease=60\nobtained={now() + 60:.2f}\n"
    (tmp_path / "wan1.lease").write_text(ahead)
    assert dhcp.lease("wan1", tmp_path) is None


def test_a_lease_for_ever_is_believed_for_a_day(tmp_path: Path) -> None:
    hook(tmp_path, "bound", lease="4294967295")
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert found.expires - found.obtained == pytest.approx(86_400)
    assert found.stale - found.obtained == pytest.approx(43_200)
    hook(tmp_path, "bound", lease="86400")
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert found.stale == math.inf, "the client asks by itself"


def test_a_lease_that_has_run_out_is_none(tmp_path: Path) -> None:
    hook(tmp_path, "bound", lease="0")
    assert dhcp.lease("wan1", tmp_path) is None
