"""Leases as udhcpc's hook writes them and the agent reads them."""

import os
import subprocess
import time
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

import pytest

from linjevakt_agent import dhcp

HOOK = Path(__file__).parents[3] / "agent/system/rootfs/usr/lib/linjevakt/udhcpc-hook"
BOUND = {"interface": "wan1", "ip": "100.64.1.2", "mask": "30", "router": "100.64.1.1 100.64.1.9", "lease": "60"}


def hook(directory: Path, event: str, **values: str) -> None:
    environment = os.environ | {"LINJEVAKT_DHCP": str(directory)} | BOUND | values
    subprocess.run(["sh", str(HOOK), event], env=environment, check=True)


def test_what_the_hook_writes_the_agent_reads(tmp_path: Path) -> None:
    hook(tmp_path, "bound")
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert (found.address, found.gateway) == (IPv4Interface("100.64.1.2/30"), IPv4Address("100.64.1.1"))
    assert 55 < found.expires - time.clock_gettime(time.CLOCK_BOOTTIME) <= 60
    assert [file.name for file in tmp_path.iterdir()] == ["wan1.lease"]


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


def test_a_lease_without_a_router_or_netmask_is_a_lease_all_the_same(tmp_path: Path) -> None:
    hook(tmp_path, "bound", router="", mask="")
    found = dhcp.lease("wan1", tmp_path)
    assert found is not None
    assert (str(found.address), found.gateway) == ("100.64.1.2/32", None)


@pytest.mark.parametrize("text", ["", "address=100.64.1.2\n", "address=x\nprefix=30\nlease=60\nobtained=1e9\n"])
def test_a_damaged_lease_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "wan1.lease").write_text(text)
    assert dhcp.lease("wan1", tmp_path) is None


def test_a_lease_that_has_run_out_is_none(tmp_path: Path) -> None:
    hook(tmp_path, "bound", lease="0")
    assert dhcp.lease("wan1", tmp_path) is None
