"""What is exported comes back exactly, as YAML files and as sheets, boxes and every optional field included."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.inventory.test_round_trip import DAY, PHONE, TEXT, fleets

from linjevakt import inventory
from linjevakt.inventory import Contents, Form
from linjevakt.inventory.sheet import escaped, parse
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.inventory import Inventory, Site

STATIC = {"method": "static", "address": "192.0.2.2/30", "gateway": "192.0.2.1"}
ADDRESSINGS = st.lists(st.sampled_from([STATIC, {"method": "dhcp"}]), max_size=12)
CONTACT = st.fixed_dictionaries({"name": TEXT, "phone": PHONE}, optional={"email": st.just("-a@b.no")})
OTHERWISE = {"administrator": st.none() | CONTACT, "register_note": st.none() | TEXT}
BOX = st.fixed_dictionaries(
    {"model": TEXT, "state": st.sampled_from(sorted(Whereabouts))},
    optional={"router": st.just("rtr-a"), "note": TEXT},
)
CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1) | TEXT | PHONE


@st.composite
def contents(draw: st.DrawFn) -> Contents:
    """A fleet with what the fleets of the YAML files' tests leave out, and boxes."""
    plain: dict[str, Any] = draw(fleets()).model_dump(mode="json")
    for organisation in plain["organisations"]:
        organisation.update(draw(st.fixed_dictionaries(OTHERWISE)))
    for site in plain["sites"]:
        site["ended"] = draw(st.none() | DAY)
        site["router"]["serial"] = draw(st.none() | st.just(f"={site['site']['key']}"))
        for line in site["lines"]:
            line["alternatives"] = draw(ADDRESSINGS)
    boxes = draw(st.none() | st.dictionaries(TEXT, BOX, max_size=3))
    equipment = boxes and tuple(Equipment(serial=serial, **box) for serial, box in boxes.items())
    return Contents(Inventory.model_validate(plain), () if boxes == {} else equipment or None)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(form=st.sampled_from(Form), held=contents())
def test_read_gives_back_what_dump_wrote(form: Form, held: Contents) -> None:
    with TemporaryDirectory() as scratch:
        inventory.dump(held.inventory, Path(scratch) / "fleet", equipment=held.equipment, form=form)
        assert inventory.read(Path(scratch) / "fleet") == held


@given(CELL)
def test_a_cell_is_read_as_it_was_written_and_never_begins_a_formula(value: str) -> None:
    cell = escaped(value)
    assert cell[0] not in "=+-@\t\r"
    quoted = '"' + cell.replace('"', '""') + '"'
    (row,) = parse(f"a,b\n{quoted},x\n".encode()).rows
    assert row.cells["a"] == value


def test_sheets_of_two_hundred_sites_hold_what_the_files_hold(tmp_path: Path) -> None:
    fleet = inventory.generate(200)
    for form in (Form.YAML, Form.CSV):
        inventory.dump(fleet, tmp_path / form, form=form)
    assert inventory.load(tmp_path / "csv") == inventory.load(tmp_path / "yaml")


def test_an_order_without_services_is_not_the_default_order(tmp_path: Path) -> None:
    fleet = inventory.generate(1)
    (site,) = fleet.sites
    segments = tuple(segment.model_copy(update={"services": ()}) for segment in site.segments)
    bare: Site = site.model_copy(update={"segments": segments})
    inventory.dump(fleet.model_copy(update={"sites": (bare,)}), tmp_path / "out", form=Form.CSV)
    assert inventory.load(tmp_path / "out").sites == (bare,)
