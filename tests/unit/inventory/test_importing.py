"""An import merges: what others saved meanwhile stays, conflicts are told, and nothing goes unless it is said."""

import csv
import dataclasses
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests import prepared
from typer.testing import CliRunner, Result

from linjevakt import inventory, resources
from linjevakt.cli.inventory import app
from linjevakt.inventory import Form
from linjevakt.inventory.layout import SHEETS, Sheet
from linjevakt.model.catalogue import Catalogue
from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.inventory import Organisation, Site
from linjevakt.model.order import Order
from linjevakt.model.record import Certificate, DeviceIdentity, Reason, Stage
from linjevakt.model.stop import Stop
from linjevakt.office import Office
from linjevakt.settings import Settings
from linjevakt.store import Store

EXAMPLE = resources.inventory() / "example"
MOMENT = datetime.now(UTC)
CERTIFICATE = Certificate("12d22c46", "rtr-solbakken", "LV-0013", "aa", (), MOMENT, MOMENT + timedelta(days=90))
DEVICE = DeviceIdentity(
    router="rtr-solbakken",
    serial="LV-0013",
    host_key="ssh-ed25519 AAAA",
    csr="",
    certificate="",
    certificate_serial="12d22c46",
    certificate_expires=MOMENT + timedelta(days=90),
    engine_id="80",
    stage=Stage.LIVE,
    enrolled=MOMENT,
)


@dataclass(frozen=True)
class Wired:
    """A register with the example fleet in it."""

    store: Store
    catalogue: Catalogue
    stop: Stop = dataclasses.field(default_factory=Stop)
    settings: Settings = dataclasses.field(default_factory=Settings)

    @property
    def office(self) -> Office:
        return Office(self.store)

    def site(self, key: str) -> Site:
        (found,) = (site for site in self.store.inventory().sites if site.key == key)
        return found

    def member(self, number: str) -> Organisation:
        (found,) = (one for one in self.store.inventory().organisations if one.number == number)
        return found

    def save(self, entity: Site | Organisation, who: str, order: int | None = None) -> None:
        with self.store.register.edit(Author(who, "", order)) as draft:
            draft.put(entity)


@pytest.fixture
def wired(tmp_path: Path) -> Wired:
    made = Wired(prepared.checked(prepared.migrated(tmp_path)), inventory.load_catalogue())
    assert run(made, "import", EXAMPLE).exit_code == 0
    return made


@pytest.fixture(params=list(Form))
def form(request: pytest.FixtureRequest) -> str:
    """Every form that a folder may have."""
    return str(request.param)


@pytest.fixture
def exported(wired: Wired, tmp_path: Path, form: str) -> Path:
    """What someone has exported to work on."""
    assert run(wired, "export", tmp_path / "mine", "--format", form).exit_code == 0
    return tmp_path / "mine"


def run(wired: Wired, *arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], obj=wired)


def rewrite(folder: Path, form: str, change: Callable[[Site], Site]) -> None:
    """The folder as someone saves it after a change of every site; what it says of its revision stays."""
    contents = inventory.read(folder)
    sites = tuple(map(change, contents.inventory.sites))
    shutil.rmtree(folder)
    changed = contents.inventory.model_copy(update={"sites": sites})
    inventory.dump(changed, folder, equipment=contents.equipment, exported=contents.exported, form=Form(form))


def faster(site: Site, mbit: int) -> Site:
    line = site.lines[0].model_copy(update={"down_mbit": mbit})
    return site.model_copy(update={"lines": (line, *site.lines[1:])})


def elsewhere(site: Site, room: str) -> Site:
    return site.model_copy(update={"place": site.place.model_copy(update={"room": room})})


def only(key: str, change: Callable[[Site], Site]) -> Callable[[Site], Site]:
    return lambda site: change(site) if site.key == key else site


def told(wired: Wired, *arguments: object) -> tuple[int, dict[str, Any]]:
    result = run(wired, "import", *arguments, "--json")
    answer: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, answer


def test_a_stale_folder_undoes_nothing_that_others_saved(wired: Wired, exported: Path, form: str) -> None:
    wired.save(faster(wired.site("fjellheim"), 300), "kari")
    rewrite(exported, form, only("fjellheim", lambda site: elsewhere(site, "101")))
    result = run(wired, "import", exported)
    assert result.stdout == "changed site fjellheim: site.room: 214 -> 101\n1 saved\n"
    merged = wired.site("fjellheim")
    assert (merged.lines[0].down_mbit, merged.place.room) == (300, "101")


def test_a_conflict_names_all_three_values_and_who_it_was(wired: Wired, exported: Path, form: str) -> None:
    wired.save(faster(wired.site("fjellheim"), 300), "kari", order=17)
    wired.save(elsewhere(wired.site("fjellheim"), "1"), "ola")  # a later change, of something else
    rewrite(exported, form, only("fjellheim", lambda site: faster(site, 200)))
    before = wired.store.register.now()
    for arguments in (("--dry-run",), ()):
        code, answer = told(wired, exported, *arguments)
        (found,) = answer["conflicts"]
        assert (code, answer["saved"], found["by"]["who"], found["by"]["order"]) == (1, False, "kari", 17)
        assert {found[name] for name in ("base", "theirs", "mine")} == {100, 300, 200}
        assert (found["key"], found["field"]) == ("fjellheim", "lines[wan0].down_mbit")
        assert "1 field changed on both sides" in answer["error"]
    assert wired.store.register.now() == before
    shown = run(wired, "import", exported)
    assert shown.stdout.startswith("conflict site fjellheim: lines[wan0].down_mbit: was 100, theirs 300 (kari, 20")
    assert ", order 17), mine 200\n" in shown.stdout
    assert shown.exit_code == 1


@pytest.mark.parametrize(("side", "mbit"), [("--mine", 200), ("--theirs", 300)])
def test_a_side_is_taken_in_conflicts_alone(wired: Wired, exported: Path, form: str, side: str, mbit: int) -> None:
    wired.save(faster(elsewhere(wired.site("fjellheim"), "7"), 300), "kari")
    rewrite(exported, form, only("fjellheim", lambda site: faster(site, 200)))
    assert run(wired, "import", exported, side).exit_code == 0
    merged = wired.site("fjellheim")
    assert (merged.lines[0].down_mbit, merged.place.room) == (mbit, "7")


def test_an_agreement_accepted_meanwhile_stays(wired: Wired, exported: Path) -> None:
    member = wired.store.inventory().organisations[0]
    agreed = member.membership.model_copy(update={"terms": None})
    wired.save(member.model_copy(update={"membership": agreed}), "kari", order=3)
    assert run(wired, "import", exported).stdout == "nothing changes\n"
    assert wired.member(member.number).membership.terms is None


def test_two_who_change_the_same_thing_alike_agree(wired: Wired, exported: Path, form: str) -> None:
    wired.save(faster(wired.site("fjellheim"), 300), "kari")
    rewrite(exported, form, only("fjellheim", lambda site: faster(site, 300)))
    assert run(wired, "import", exported).stdout == "nothing changes\n"


def test_what_was_removed_meanwhile_does_not_come_back(wired: Wired, exported: Path, form: str) -> None:
    with wired.store.register.edit(Author("kari")) as draft:
        draft.remove(EntityKind.SITE, "solbakken")
    assert run(wired, "import", exported).stdout == "nothing changes\n"
    rewrite(exported, form, only("solbakken", lambda site: elsewhere(site, "9")))
    code, answer = told(wired, exported)
    (found,) = answer["conflicts"]
    assert (code, found["field"], found["theirs"], found["by"]["who"]) == (1, "", None, "kari")
    assert run(wired, "import", exported, "--theirs").stdout.endswith("nothing changes\n")
    assert run(wired, "import", exported, "--mine").stdout.endswith("added site solbakken\n1 saved\n")


def test_a_merge_that_breaks_a_rule_is_not_saved(wired: Wired, exported: Path, form: str) -> None:
    """Both sides are right by themselves: each has taken the same free management address."""

    def moved(site: Site) -> Site:
        return site.model_copy(update={"router": site.router.model_copy(update={"management": "10.250.0.99"})})

    with wired.store.register.edit(Author("kari")) as draft:
        draft.put(Site.model_validate(moved(wired.site("solbakken")).model_dump()))
    rewrite(exported, form, only("fjellheim", lambda site: Site.model_validate(moved(site).model_dump())))
    before = wired.store.register.now()
    result = run(wired, "import", exported)
    assert (result.exit_code, "'10.250.0.99' is already used by" in result.stderr) == (2, True)
    assert wired.store.register.now() == before


# --- what goes ---


def test_a_folder_without_sites_removes_none_unless_told_how_many(wired: Wired, tmp_path: Path) -> None:
    run(wired, "export", tmp_path / "mine")
    shutil.rmtree(tmp_path / "mine/sites")
    before = wired.store.register.now()
    for wrong in ((), ("--dry-run",), ("--remove", 2), ("--remove", 4)):
        result = run(wired, "import", tmp_path / "mine", *wrong)
        assert result.exit_code == 1
        assert "3 would be removed" in result.stderr
        assert "site elvebredden, site fjellheim, site solbakken" in result.stderr
        assert wired.store.register.now() == before
    assert run(wired, "import", tmp_path / "mine", "--remove", 3).exit_code == 0
    assert wired.store.inventory().sites == ()


def test_a_line_or_a_segment_that_goes_is_counted_too(wired: Wired, exported: Path, form: str) -> None:
    rewrite(exported, form, only("elvebredden", lambda site: site.model_copy(update={"segments": site.segments[:2]})))
    code, answer = told(wired, exported)
    assert (code, answer["removals"]) == (1, ["segment psykolog of site elvebredden"])
    assert run(wired, "import", exported, "--remove", 1).exit_code == 0


def test_removing_what_is_not_there_is_told(wired: Wired, exported: Path) -> None:
    result = run(wired, "import", exported, "--remove", 1)
    assert (result.exit_code, "0 would be removed, --remove says 1: nothing" in result.stderr) == (1, True)


@pytest.mark.parametrize("sheet", ["contacts.csv", "exclusions.csv", "sharing.csv", "blocks.csv", "equipment.csv"])
def test_a_sheet_that_is_left_out_takes_nothing_away(wired: Wired, tmp_path: Path, sheet: str) -> None:
    run(wired, "export", tmp_path / "mine", "--format", "csv")
    (tmp_path / "mine" / sheet).unlink()
    assert run(wired, "import", tmp_path / "mine").stdout == "nothing changes\n"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: str(sheet.file))
def test_a_column_that_is_left_out_takes_nothing_away(wired: Wired, tmp_path: Path, sheet: Sheet) -> None:
    """A spreadsheet's user deletes what is not interesting: whoever has accepted what, by which phone to call..."""
    with wired.store.register.edit(Author("kari")) as draft:
        draft.put(Equipment(serial="LV-0077", model="APU 2", state=Whereabouts.RETURNED, note="lid is broken"))
        draft.put(_with_all(wired.site("fjellheim")))
    run(wired, "export", tmp_path / "mine", "--format", "csv")
    file = tmp_path / "mine" / sheet.file
    kept = {*sheet.needed, *sheet.key}
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, [name for name in sheet.header() if name in kept], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    before = wired.store.register.now()
    result = run(wired, "import", tmp_path / "mine")
    assert (result.exit_code, result.stdout) in {(0, "nothing changes\n"), (2, "")}, result.output  # 2: not by itself
    assert wired.store.register.now() == before


def test_who_accepted_what_is_not_lost_with_its_columns(wired: Wired, tmp_path: Path) -> None:
    run(wired, "export", tmp_path / "mine", "--format", "csv")
    file = tmp_path / "mine/organisations.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [{name: cell for name, cell in row.items() if "_" not in name} for row in csv.DictReader(lines)]
    names = [*rows[0], "her_id", "record_system", "enterprise_certificate"]
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, names)
        writer.writeheader()
        known = {one.number: one for one in wired.store.inventory().organisations}
        fields = names[-3:]
        writer.writerows(row | {name: getattr(known[row["number"]], name) or "" for name in fields} for row in rows)
    assert run(wired, "import", tmp_path / "mine").stdout == "nothing changes\n"


def _with_all(site: Site) -> Site:
    """A site with what the example leaves at its defaults."""
    plain = site.model_dump(mode="json")
    plain["lines"][0]["alternatives"] = [plain["lines"][0]["addressing"] | {"address": "198.51.100.6/30"}]
    plain["lines"][0]["alternatives"][0]["gateway"] = "198.51.100.5"
    plain["segments"][0]["blocks"] = [{"to": "192.0.2.0/24", "protocol": "tcp", "ports": [25], "reason": "ordered"}]
    return Site.model_validate(plain | {"hub": "hub-oslo"})


def _pinned(store: Store) -> None:
    store.certificates.issue(CERTIFICATE)
    store.devices.save(DEVICE)


@pytest.mark.parametrize(
    "serving", [_pinned, lambda store: store.certificates.issue(CERTIFICATE)], ids=["pinned", "certified"]
)
@pytest.mark.parametrize("side", ["--mine", "--theirs"])
def test_a_site_whose_router_is_in_service_is_never_removed(
    wired: Wired, exported: Path, form: str, serving: Callable[[Store], None], side: str
) -> None:
    serving(wired.store)
    contents = inventory.read(exported)
    shutil.rmtree(exported)
    kept = tuple(site for site in contents.inventory.sites if site.key != "solbakken")
    fleet = contents.inventory.model_copy(update={"sites": kept})
    inventory.dump(fleet, exported, equipment=contents.equipment, exported=contents.exported, form=Form(form))
    result = run(wired, "import", exported, "--remove", 1, side)
    assert (result.exit_code, "site solbakken (router rtr-solbakken)" in result.stderr) == (1, True)
    assert wired.site("solbakken")
    wired.store.devices.remove("rtr-solbakken")
    wired.store.certificates.revoke(["12d22c46"], Reason.TERMINATED)
    assert run(wired, "import", exported, "--remove", 1).exit_code == 0


def test_a_router_in_service_is_not_renamed(wired: Wired, exported: Path, form: str) -> None:
    _pinned(wired.store)

    def renamed(site: Site) -> Site:
        return site.model_copy(update={"router": site.router.model_copy(update={"name": "rtr-x"})})

    rewrite(exported, form, only("solbakken", renamed))
    result = run(wired, "import", exported)
    assert (result.exit_code, "router rtr-solbakken" in result.stderr) == (1, True)


def test_what_an_open_order_is_about_stays(wired: Wired, tmp_path: Path) -> None:
    box = Equipment(serial="LV-0077", model="APU 2")
    wish = {"owner": "213374508", "site": {"key": "nytt"}}
    order = Order(number=4, kind="new_site", site="nytt", wish=wish, created=MOMENT, by="kari", entered=MOMENT)
    with wired.store.register.edit(Author("kari")) as draft:
        draft.put(box)
        draft.remove(EntityKind.SITE, "solbakken")
        draft.put(order)
    run(wired, "export", tmp_path / "mine")
    members = tmp_path / "mine/organisations.yaml"
    kept = [one for one in inventory.read(tmp_path / "mine").inventory.organisations if one.number != "213374508"]
    members.write_text(json.dumps({"organisations": [one.model_dump(mode="json", exclude_none=True) for one in kept]}))
    result = run(wired, "import", tmp_path / "mine", "--remove", 1)
    assert result.exit_code == 1
    assert "An open work order is about organisation 213374508 (order 4)." in result.stderr


# --- folders that nobody knows the base of ---


def test_boxes_may_be_there_before_the_fleet(tmp_path: Path) -> None:
    wired = Wired(prepared.checked(prepared.migrated(tmp_path)), inventory.load_catalogue())
    box = Equipment(serial="LV-0077", model="APU 2")
    with wired.store.register.edit(Author("kari")) as draft:
        draft.put(box)
    assert run(wired, "import", EXAMPLE).exit_code == 0
    assert wired.store.register.now().equipment == (box,)


def test_a_folder_by_hand_adds_but_overwrites_nothing_unasked(wired: Wired, folder: Path) -> None:
    wired.save(faster(wired.site("fjellheim"), 300), "kari")
    code, answer = told(wired, folder)
    (found,) = answer["conflicts"]
    assert (code, found["base"], found["theirs"], found["mine"]) == (1, None, 300, 100)
    assert "does not say of which revision" in answer["error"]
    assert run(wired, "import", folder, "--theirs").stdout.endswith("nothing changes\n")
    assert run(wired, "import", folder, "--mine").exit_code == 0
    assert wired.site("fjellheim").lines[0].down_mbit == 100


def test_a_folder_by_hand_that_lacks_a_site_is_asked_about_it(wired: Wired, folder: Path) -> None:
    (folder / "sites/solbakken.yaml").unlink()
    assert told(wired, folder)[1]["removals"] == ["site solbakken"]
    assert run(wired, "import", folder, "--theirs").exit_code == 1
    assert run(wired, "import", folder, "--remove", 1).exit_code == 0


def test_a_folder_by_hand_that_lacks_rows_is_asked_about_them(wired: Wired, folder: Path, form: str) -> None:
    def less(site: Site) -> Site:
        return site.model_copy(update={"segments": site.segments[:-1], "sharing": site.sharing[:-1]})

    rewrite(folder, form, only("elvebredden", less))
    missing = ["segment psykolog of site elvebredden", "sharing 215891046 of site elvebredden"]
    assert told(wired, folder)[1]["removals"] == missing
    assert run(wired, "import", folder, "--remove", 2).exit_code == 0
    assert len(wired.site("elvebredden").segments) == 2


def test_a_folder_by_hand_that_lacks_a_value_is_asked_about_it(wired: Wired, folder: Path) -> None:
    site = folder / "sites/elvebredden.yaml"
    site.write_text(site.read_text().replace('    fault_phone: "990 00 910"\n', ""))
    (found,) = told(wired, folder)[1]["conflicts"]
    assert (found["field"], found["theirs"], found["mine"]) == ("lines[wan0].fault_phone", "990 00 910", None)
    assert run(wired, "import", folder, "--mine").exit_code == 0
    assert wired.site("elvebredden").lines[0].fault_phone is None


@pytest.mark.parametrize(
    ("said", "other"), [("revision: 1", "revision: 7"), ("saved: '20", "saved: '19"), ("revision: 1", "revision: 0")]
)
def test_the_export_of_another_register_is_refused(wired: Wired, exported: Path, said: str, other: str) -> None:
    head = exported / "installation.yaml"
    head.write_text(head.read_text().replace(said, other, 1))
    result = run(wired, "import", exported)
    assert result.exit_code == 2
    assert ("export of another register" in result.stderr) is (other != "revision: 0")


def test_every_form_carries_its_revision_where_no_spreadsheet_writes(wired: Wired, exported: Path) -> None:
    revision = wired.store.revision()
    said = inventory.read(exported).exported
    assert revision is not None
    assert said is not None
    assert (said.revision, said.saved) == (revision.number, revision.saved)


@pytest.mark.parametrize("side", [(), ("--mine",)])
@pytest.mark.parametrize("whole", [True, False], ids=["site", "line"])
def test_a_column_that_is_left_out_says_nothing_of_what_both_have_added(
    wired: Wired, tmp_path: Path, side: tuple[str, ...], *, whole: bool
) -> None:
    """What was not there when the folder was exported has no old value to be left at; it has the other's."""
    there = wired.site("fjellheim")
    with wired.store.register.edit(Author("kari")) as draft:
        draft.remove(EntityKind.SITE, "fjellheim") if whole else draft.put(_without_first_line(there))
    run(wired, "export", tmp_path / "mine", "--format", "csv")
    head = (tmp_path / "mine/installation.yaml").read_bytes()
    wired.save(there, "kari")
    run(wired, "export", tmp_path / "again", "--format", "csv")
    (tmp_path / "again/installation.yaml").write_bytes(head)
    file = tmp_path / "again/lines.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with file.open("w", encoding="utf-8", newline="") as lines:
        kept = [name for name in rows[0] if name not in {"down_mbit", "up_mbit", "business", "fault_phone"}]
        writer = csv.DictWriter(lines, kept, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    assert run(wired, "import", tmp_path / "again", *side).output == "nothing changes\n"


def _without_first_line(site: Site) -> Site:
    return site.model_copy(update={"lines": site.lines[1:]})
