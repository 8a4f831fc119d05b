"""What `dump` writes is what `load` reads, whatever the texts, figures and optional fields are."""

from datetime import date
from ipaddress import IPv4Network
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linjevakt import inventory, resources
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.inventory import Category, Inventory
from linjevakt.model.text import composed

TRICKY = st.sampled_from(
    ["null", "~", "0150", "NO", "1e3", "2026-01-01", "- a", "a: b", "#", "&x", "*x", "!t", "'", '"', "å"]
)
PRINTABLE = st.characters(exclude_categories=["C", "Z"], include_characters=" ")  # as str.isprintable has it
TEXT = TRICKY | st.text(PRINTABLE, min_size=1, max_size=40).map(str.strip).map(composed).filter(bool)
DAY = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)).map(date.isoformat)
PHONE = st.from_regex(r"\A\+?[0-9]{4,6}( [0-9]{1,3}){0,3}\Z")
PORTS = st.lists(st.integers(1, 65535), max_size=3)
AGREEMENT = st.fixed_dictionaries(
    {"accepted": DAY, "by": TEXT, "capacity": st.sampled_from(["general_manager", "signature_right"])}
)
FREEZE = st.fixed_dictionaries({"since": DAY, "register_inactive": DAY, "edi_inactive": DAY, "reopen": st.none() | DAY})
MEMBERSHIP = st.fixed_dictionaries(
    {name: st.none() | AGREEMENT for name in ("terms", "data_processing", "customer")}
    | {"frozen": st.none() | FREEZE, "ended": st.none() | DAY}
)
SERVICE = st.sampled_from(["edi", "video"])
EXCLUSION = st.fixed_dictionaries({"since": DAY, "reason": TEXT}, optional={"service": SERVICE})
BLOCK = st.fixed_dictionaries(
    {"to": st.ip_addresses(v=4, network="192.0.0.0/8").map(lambda one: str(IPv4Network(one))), "reason": TEXT},
    optional={"protocol": st.sampled_from(["tcp", "udp"])},
)
SITE = {"name": TEXT, "street": TEXT, "city": TEXT, "municipality": TEXT, "floor": TEXT, "room": TEXT}
LINE = {
    "mtu": st.none() | st.integers(576, 1500),
    "provider": TEXT,
    "down_mbit": st.integers(1, 100_000),
    "up_mbit": st.integers(1, 100_000),
}
ORGANISATION = {
    "name": TEXT,
    "category": st.sampled_from(sorted(Category)),
    "membership": MEMBERSHIP,
    "exclusions": st.lists(EXCLUSION, max_size=2),
    "contacts": st.lists(
        st.fixed_dictionaries({"name": TEXT, "phone": PHONE}, optional={"email": st.just("a@b.no")}), max_size=2
    ),
    "her_id": st.none() | st.integers(1, 10**9),
    "record_system": st.none() | TEXT,
    "enterprise_certificate": st.none() | DAY,
}
SEGMENT = {
    "vlan": st.none() | st.integers(1, 4094),
    "share": st.integers(1, 33),
    "services": st.lists(st.sampled_from(["internet", "dns", "ntp", "registers"]), unique=True),
    "blocks": st.lists(BLOCK, max_size=2),
}


@st.composite
def fleets(draw: st.DrawFn) -> Inventory:
    """A generated fleet with every free field drawn anew."""
    plain = inventory.generate(draw(st.integers(1, 3))).model_dump(mode="json")
    for organisation in plain["organisations"]:
        organisation.update(draw(st.fixed_dictionaries(ORGANISATION)))
    for site in plain["sites"]:
        site["site"] |= draw(st.fixed_dictionaries(SITE))
        site["hub"] = draw(st.sampled_from([None, "hub-oslo"]))
        for line in site["lines"]:
            line.update(draw(st.fixed_dictionaries(LINE)), fault_phone=draw(st.none() | PHONE))
        for segment in site["segments"]:
            segment.update(draw(st.fixed_dictionaries(SEGMENT)))
    return Inventory.model_validate(plain)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(fleets())
def test_load_gives_back_what_dump_wrote(fleet: Inventory) -> None:
    with TemporaryDirectory() as scratch:
        inventory.dump(fleet, Path(scratch) / "fleet")
        assert inventory.load(Path(scratch) / "fleet") == fleet


def test_the_example_survives_dump_and_load(tmp_path: Path) -> None:
    example = inventory.load(resources.inventory() / "example")
    inventory.dump(example, tmp_path / "fleet")
    assert inventory.load(tmp_path / "fleet") == example


def test_dump_refuses_a_folder_with_something_in_it_and_leaves_it_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InvalidInputError, match="not an empty folder"):
        inventory.dump(inventory.generate(1), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_generate_makes_valid_fleets_that_contain_the_smaller_ones(tmp_path: Path) -> None:
    small, large = inventory.generate(30), inventory.generate(300)
    inventory.dump(large, tmp_path / "large")
    assert inventory.load(tmp_path / "large") == large
    assert set(small.sites) <= set(large.sites)
    assert {line.kind for site in large.sites for line in site.lines} == {
        "own_isp",
        "nhn_delivered",
        "mobile",
    }


@pytest.mark.parametrize("sites", [0, -1, 1_000_000])
def test_generate_refuses_a_number_that_it_has_no_addresses_for(sites: int) -> None:
    with pytest.raises(InvalidInputError, match="Choose 1 to"):
        inventory.generate(sites)
