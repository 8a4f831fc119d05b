"""Its inventory speaks of interfaces as the vendor does; what is right for one platform is refused for the other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from linjevakt import inventory as files
from linjevakt.model.errors import InventoryError
from linjevakt.model.inventory import Inventory

Refused = Callable[..., str]


@pytest.fixture
def refused(vendors: Inventory, inventory: Inventory, templates: Path, tmp_path: Path) -> Refused:
    """What is told of the first site with another name of its line or its port, on a platform."""

    def told(platform: str, **names: str) -> str:
        fleet = {"linux": inventory, "acme": vendors}[platform]
        files.dump(_renamed(fleet, **names), tmp_path / "fleet")
        with pytest.raises(InventoryError) as raised:
            files.load(tmp_path / "fleet", templates=templates)
        return "\n".join(map(str, raised.value.issues))

    return told


def test_its_inventory_speaks_of_interfaces_as_the_vendor_does(
    vendors: Inventory, templates: Path, tmp_path: Path
) -> None:
    files.dump(vendors, tmp_path / "fleet")
    assert {site.key: site for site in files.load(tmp_path / "fleet", templates=templates).sites} == {
        site.key: site for site in vendors.sites
    }
    with pytest.raises(InventoryError, match=r"platform 'acme' has no templates"):
        files.load(tmp_path / "fleet")


@pytest.mark.parametrize(
    ("platform", "line", "told"),
    [
        (
            "linux",
            "GigabitEthernet0/0/0",
            "GigabitEthernet0/0/0 is longer than the 15 characters of an interface's",
        ),
        (
            "linux",
            "ge-0/0/0.0",
            "'ge-0/0/0.0' is no name of a line. Name its port, `wan0`, or port and VLAN (1 to 4094)",
        ),
        ("linux", "WAN0", "'WAN0' is no name of a line. Name its port, `wan0`"),
        ("linux", "wan0.4095", "'wan0.4095' is no name of a line"),
        ("linux", "ipsec0", "ipsec0 is the router's own device"),
        ("linux", "all", "'all' is no interface to the kernel"),
        ("acme", "wan0", "'wan0' is no name of a line. Name it as the router does: `GigabitEthernet0/0/0`"),
        ("acme", "ge-0/0/0.0", "'ge-0/0/0.0' is no name of a line"),
    ],
)
def test_a_name_is_right_or_wrong_for_the_platform_of_its_router(
    refused: Refused, platform: str, line: str, told: str
) -> None:
    assert told in refused(platform, line=line)


@pytest.mark.parametrize(
    ("platform", "port", "told"),
    [
        (
            "linux",
            "Lan0",
            "'Lan0' is no interface name. Use a letter first, then letters, digits, `.` and `-`; 15 at most",
        ),
        ("linux", "lan0-of-the-dentist", "is longer than the 15 characters of an interface's name. Shorten it"),
        ("linux", "lan0-dentistry", "lan0-dentistry.20 is longer than the 15 characters of an interface's name"),
        ("acme", "lan0", "'lan0' is no interface name. Name it as the router does: `GigabitEthernet0/0/1`"),
    ],
)
def test_a_port_is_right_or_wrong_for_the_platform_of_its_router(
    refused: Refused, platform: str, port: str, told: str
) -> None:
    assert told in refused(platform, port=port)


def test_how_a_vendor_wants_its_names_is_told_in_norwegian_too(
    vendors: Inventory, templates: Path, tmp_path: Path
) -> None:
    files.dump(_renamed(vendors, line="wan0"), tmp_path / "fleet")
    with pytest.raises(InventoryError) as raised:
        files.load(tmp_path / "fleet", templates=templates)
    assert "'wan0' er ikke et linjenavn. Skriv det som ruteren gjør" in raised.value.issues[0].said("nb")


def _renamed(fleet: Inventory, line: str | None = None, port: str | None = None) -> Inventory:
    site = fleet.sites[0]
    first, *others = site.lines
    lines = (first.model_copy(update={"name": line or first.name}), *others)
    segments = tuple(segment.model_copy(update={"port": port or segment.port}) for segment in site.segments)
    return fleet.model_copy(
        update={"sites": (site.model_copy(update={"lines": lines, "segments": segments}), *fleet.sites[1:])}
    )
