"""One run tells all that is wrong: what cannot be read hides nothing, and of two that clash the newer one is blamed."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from tests.unit.inventory.test_cases import CASES, edited

from linjevakt import inventory, platforms, resources
from linjevakt.inventory import Form
from linjevakt.inventory.parts import findings as of_parts
from linjevakt.inventory.parts import is_whole, part_of
from linjevakt.model import rules
from linjevakt.model.inventory import Dhcp, Inventory, Line, Site

Findings = Callable[[Path], list[str]]
EXAMPLE = resources.inventory() / "example"
SITE = yaml.safe_load((EXAMPLE / "sites" / "solbakken.yaml").read_text())

UNREADABLE = {
    "installation.yaml": ("pac_host: config.nhn.no", "pac_host: c_fig.nhn.no"),
    "organisations.yaml": ("Tannlege Solbakken\n    category: other", "Tannlege Solbakken\n    category: othr "),
    "sites/elvebredden.yaml": ("street:", "stret:"),
    "sites/fjellheim.yaml": ("street:", "stret:"),
    "sites/solbakken.yaml": ("street:", "stret:"),
}
"""A field of each file that no rule looks at, spelt wrong: none of the lines is another one by it."""


def _spoil(file: Path, right: str, wrong: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert right in text, (file, right)
    written = file.stat().st_mtime_ns
    file.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    os.utime(file, ns=(written, written))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_an_unreadable_field_in_each_file_hides_no_finding(case: Path, tmp_path: Path, findings: Findings) -> None:
    folder = edited(case, tmp_path)
    before = findings(folder)
    for name, (right, wrong) in UNREADABLE.items():
        if (folder / name).is_file() and right in (folder / name).read_text(encoding="utf-8", errors="replace"):
            _spoil(folder / name, right, wrong)
    after = findings(folder)
    assert set(before) <= set(after)
    more = set(after) - set(before)
    assert all(any(f": {field}" in one for field in ("site.", "pac_host", "organisations[")) for one in more), more


def _holds_a_value(line: str) -> bool:
    """Whether it is no comment, and what it says does not stand in the lines below."""
    said = line.partition("#")[0].rstrip()
    return bool(said) and not said.endswith(":")


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_field_that_cannot_be_read_blames_nothing_else(name: str, folder: Path, findings: Findings) -> None:
    """Every field of the file in turn: what is told is about that field."""
    file = folder / name
    right = file.read_text(encoding="utf-8")
    for n, line in enumerate(right.splitlines(), start=1):
        field, colon, _ = line.partition(": ")
        if not colon or "{" in field or not _holds_a_value(line):
            continue
        lines = right.splitlines()
        lines[n - 1] = f"{field}: {{no: such}}"
        file.write_text("\n".join(lines), encoding="utf-8")
        told = findings(folder)
        assert told, line
        assert all(one.startswith(f"{name}:{n}:") for one in told), (line, told)


def test_an_organisation_without_a_number_blames_no_site(folder: Path, findings: Findings) -> None:
    """And hides no wrong number after it."""
    _spoil(folder / "organisations.yaml", 'number: "310648213"', 'number: "3106482"')
    _spoil(folder / "organisations.yaml", 'number: "312980134"', 'number: "312980135"')
    told = findings(folder)
    assert [one.partition(". ")[0] for one in told] == [
        "organisations.yaml:3: organisations[0].number: '3106482' is no organisation number",
        "organisations.yaml:26: organisations[2].number: 312980135 is no organisation number: its check digit is wrong",
    ]


def test_a_part_has_what_is_right_and_lacks_what_is_wrong() -> None:
    wrong = SITE | {"hub": "not a key", "lines": [SITE["lines"][0] | {"priority": "first"}, "wan1"]}
    part = part_of(Site, wrong)
    assert (part.key, part.owner, part.segments[0].share) == ("solbakken", "213374508", 100)
    assert (part.lines[0].name, part.lines[0].addressing, part.lines[0].business) == ("wan0", Dhcp(), False)
    for lacking in ("hub",), ("lines", 0, "priority"), ("lines", 1, "name"), ("lines", 1, "business"):
        with pytest.raises(AttributeError):
            _at(part, lacking)
    assert (is_whole(part), is_whole(part.segments), is_whole(part_of(Site, SITE))) == (False, True, True)
    assert part_of(Site, SITE) == Site.model_validate(SITE)
    assert not vars(part_of(Line, None))


def _at(found: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        found = getattr(found, step) if isinstance(step, str) else found[step]  # type: ignore[index]  # a tuple, then
    return found


def test_of_a_fleet_that_is_whole_the_rules_say_the_same() -> None:
    fleet = inventory.load(EXAMPLE)
    twins = (*fleet.sites, fleet.sites[0])
    clashing = Inventory(installation=fleet.installation, organisations=fleet.organisations[1:], sites=twins)
    catalogue, there = inventory.load_catalogue(), platforms.every()
    assert rules.check(clashing, catalogue, there)
    assert of_parts(clashing, catalogue, there) == rules.check(clashing, catalogue, there)


@pytest.mark.parametrize(("newer", "older"), [("fjellheim", "solbakken"), ("solbakken", "fjellheim")])
def test_of_two_files_that_clash_the_newer_one_is_blamed(
    newer: str, older: str, folder: Path, findings: Findings
) -> None:
    _spoil(folder / "sites" / "solbakken.yaml", "management: 10.250.0.12", "management: 10.250.0.11")
    now = time.time()
    for age, name in enumerate((newer, older)):
        os.utime(folder / "sites" / f"{name}.yaml", (now - age, now - age))
    (told,) = findings(folder)
    assert told == (
        f"sites/{newer}.yaml:15: router.management: the management address '10.250.0.11' is already used by "
        f"site {older} (sites/{older}.yaml:15). Choose a free one of the pool"
    )


def test_of_two_rows_of_a_sheet_that_clash_the_later_one_is_blamed(tmp_path: Path, findings: Findings) -> None:
    folder = tmp_path / "sheets"
    inventory.dump(inventory.load(EXAMPLE), folder, form=Form.CSV)
    _spoil(folder / "sites.csv", "10.250.0.12", "10.250.0.11")
    (told,) = findings(folder)
    assert told.startswith("sites.csv:4: management: the management address '10.250.0.11' is already used by")
    assert "by site fjellheim (sites.csv:3). " in told


def test_a_cell_that_a_spreadsheet_has_spoiled_hides_no_other(tmp_path: Path, findings: Findings) -> None:
    """And of itself no more is told: neither that it is no number, nor that two are the same."""
    folder = tmp_path / "sheets"
    inventory.dump(inventory.load(EXAMPLE), folder, form=Form.CSV)
    _spoil(folder / "sites.csv", "10.250.0.11,", "10.250.0.11,8.9E+19")
    _spoil(folder / "sites.csv", "10.250.0.12,", "10.250.0.12,8.9E+19")
    _spoil(folder / "sites.csv", "9016", "#N/A")
    _spoil(folder / "organisations.csv", "990101", "99O101")
    told = [":".join(one.split(":")[:3]) for one in findings(folder)]
    assert told == [
        "organisations.csv:4: her_id",
        "sites.csv:3: postcode",
        "sites.csv:3: serial",
        "sites.csv:4: serial",
    ]


def test_a_cell_that_cannot_be_read_hides_no_other(tmp_path: Path, findings: Findings) -> None:
    folder = tmp_path / "sheets"
    inventory.dump(inventory.load(EXAMPLE), folder, form=Form.CSV)
    _spoil(folder / "sites.csv", "9016", "901")
    _spoil(folder / "sites.csv", "10.250.0.12", "10.250.0.11")
    told = findings(folder)
    assert [one.partition(": ")[2].partition(":")[0] for one in told] == ["postcode", "management"]
