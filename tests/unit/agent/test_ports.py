"""Which sockets for cables a box says that it has, and what it tells of having been away."""

import json
from pathlib import Path

import pytest

from linjevakt_agent import identity
from linjevakt_agent.collect import CollectError, interfaces
from linjevakt_agent.commands import status

NO_COUNT = dict.fromkeys(("bytes", "packets", "errors", "dropped"), 0)


def link(index: int, name: str, kind: str, type_: str = "ether") -> dict[str, object]:
    """One link as `ip -json -statistics -details address show` prints it."""
    info = {"linkinfo": {"info_kind": kind}} if kind else {}
    counters = {"stats64": {"rx": NO_COUNT, "tx": NO_COUNT}}
    return {"ifindex": index, "ifname": name, "link_type": type_, "flags": [], "mtu": 1500, "operstate": "UP"} | {
        **info,
        **counters,
    }


LINKS = [
    link(1, "lo", "", "loopback"),
    link(2, "wan0", ""),
    link(3, "lan0", "veth"),
    link(4, "lan1", "dsa"),
    link(5, "wwan0", "wwan", "rawip"),
    link(6, "lan0.20", "vlan"),
    link(7, "ipsec0", "tun", "none"),
    link(8, "ifb0", "ifb"),
    link(9, "br0", "bridge"),
]


def test_a_box_tells_its_sockets_and_nothing_that_software_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interfaces, "read", lambda: interfaces.parse(json.dumps(LINKS), {}))
    assert identity.ports() == ["wan0", "lan0", "lan1", "wwan0"]


def test_a_kernel_that_does_not_tell_keeps_no_box_from_being_staged(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> list[interfaces.Interface]:
        raise CollectError("interfaces: no `ip` here")

    monkeypatch.setattr(interfaces, "read", silent)
    assert identity.ports() == []


def test_a_start_is_known_by_the_kernels_name_for_it(tmp_path: Path) -> None:
    assert status.boot(tmp_path) is None
    told = tmp_path / "proc/sys/kernel/random/boot_id"
    told.parent.mkdir(parents=True)
    told.write_text("4f6c1a0e-6d0c-4c57-9a1f-0a4b2f1d2c3b\n", encoding="utf-8")
    assert status.boot(tmp_path) == "4f6c1a0e-6d0c-4c57-9a1f-0a4b2f1d2c3b"


@pytest.mark.parametrize(("told", "count"), [("7\n", 7), ("", None), ("x", None), ("-1", None)])
def test_a_cables_changes_are_a_number_or_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, count: int | None
) -> None:
    monkeypatch.setattr(interfaces, "SYS_NET", tmp_path)
    assert status._carrier_changes("wan0") is None  # noqa: SLF001 - what `prove` and `status` say of a line
    (tmp_path / "wan0").mkdir()
    (tmp_path / "wan0" / "carrier_changes").write_text(told, encoding="utf-8")
    assert status._carrier_changes("wan0") == count  # noqa: SLF001 - as above
