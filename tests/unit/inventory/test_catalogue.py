"""The shipped catalogue covers domain.md section 9, and its schemas are those of the code."""

import shutil
from pathlib import Path

import pytest

from linjevakt import inventory, resources
from linjevakt.model.errors import InventoryError

SERVICES = {
    "domain",
    "dns",
    "edi",
    "email",
    "helsenorge",
    "home-office",
    "internet",
    "ntp",
    "registers",
    "remote-support",
    "secure-proxy",
    "third-party",
    "video",
}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resources.inventory() / "catalogue", tmp_path / "catalogue"))


def test_the_catalogue_has_every_service_of_the_network() -> None:
    assert inventory.load_catalogue().keys() == SERVICES


def test_every_row_can_be_probed_and_is_named_in_both_languages() -> None:
    for row in inventory.load_catalogue().values():
        assert row.probe
        assert row.title.nb != row.title.en


def test_every_address_that_a_row_names_is_in_the_example() -> None:
    known = {service.key for service in inventory.load(resources.inventory() / "example").installation.endpoints}
    assert {flow.to for row in inventory.load_catalogue().values() for flow in row.flows} <= known


def test_video_needs_two_megabits_both_ways() -> None:
    assert inventory.load_catalogue()["video"].minimum_mbit == 2


def test_every_finding_in_a_catalogue_is_told(rows: Path) -> None:
    (rows / "dns.yaml").rename(rows / "navn.yaml")
    (rows / "video.yaml").write_text("key: video\ntitle: {nb: Video, en: Video}\nminimum_mbit: inf\nflow: []\n")
    (rows / "ntp.yaml").write_text("key: ntp\ntitle: {nb: Tid, en: Time}\npac: [{match: host, via: direct}]\n")
    with pytest.raises(InventoryError) as caught:
        inventory.load_catalogue(rows)
    assert [str(issue) for issue in caught.value.issues] == [
        (
            "ntp.yaml:3: pac[0]: `value` is the host or suffix that is matched; `internet` has none. "
            "See inventory/example for a file that is right"
        ),
        "video.yaml:3: minimum_mbit: 'inf' is no number. Write digits only",
        "video.yaml:4: flow: is not a field here. Did you mean 'flows'?",
        "navn.yaml:1: key: 'dns' is not the file's name. Call the file dns.yaml",
    ]


def test_an_empty_catalogue_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match=r"file: has no \*\.yaml\. Name"):
        inventory.load_catalogue(tmp_path)


def test_the_shipped_schemas_are_those_of_the_code() -> None:
    folder = resources.inventory() / "schema"
    shipped = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    assert shipped == inventory.schemas(), "run `linjevakt inventory schema`"
