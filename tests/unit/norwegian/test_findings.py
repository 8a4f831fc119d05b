"""What is wrong with a folder, a field or a setting is told in Norwegian from the first word to the last."""

import errno
import os
from pathlib import Path

import pytest
from tests.unit.inventory.test_cases import CASES, edited

from linjevakt import inventory, resources, settings
from linjevakt.cli.fields import from_arguments
from linjevakt.health import linjevakt_mib as oids
from linjevakt.model import system
from linjevakt.model.entity import EntityKind, name_of
from linjevakt.model.equipment import Equipment, Whereabouts
from linjevakt.model.errors import ConflictError, InvalidInputError, InventoryError
from linjevakt.model.saying import Saying, in_language, word


def _is_norwegian(text: str) -> bool:
    """Whether it can be said in Norwegian, and is not the same there."""
    return isinstance(text, Saying) and text.said("nb") != text.said("en")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_finding_in_a_folder_has_its_norwegian(case: Path, tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        inventory.load(edited(case, tmp_path))
    for issue in caught.value.issues:
        assert _is_norwegian(issue.message), issue
        assert _is_norwegian(issue.remedy), issue


def test_a_finding_about_a_file_names_it_so_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        inventory.load(tmp_path / "no-such")
    assert str(caught.value).startswith(f"{tmp_path}/no-such: file: is not a folder. An inventory has ")
    assert caught.value.said("nb").startswith(f"{tmp_path}/no-such: fil: er ikke en mappe. Et register har ")


def test_a_figure_is_written_with_a_comma(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.stem == "share-too-small-for-service")
    with pytest.raises(InventoryError) as caught:
        inventory.load(edited(case, tmp_path))
    assert "er 0,6." in caught.value.said("nb")
    assert "is 0.6." in str(caught.value)


@pytest.mark.parametrize("number", sorted({errno.ENOENT, errno.EROFS, errno.ENOSPC, errno.EACCES, errno.EFBIG}))
def test_what_the_system_says_of_a_file_is_put_into_norwegian(number: int) -> None:
    error = OSError(number, os.strerror(number), "/a/b")
    assert in_language(system.sentence(error), "nb") != system.sentence(error)
    assert in_language(system.sentence(error), "nb").startswith("/a/b ")


def test_what_the_system_says_of_a_connection_is_its_own_words_in_english() -> None:
    """Where they are those of glibc; of another library they are told as they are."""
    refused = OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    assert (system.reason(refused), in_language(system.reason(refused), "nb")) == (
        os.strerror(errno.ECONNREFUSED),
        "Forbindelsen ble avvist",
    )
    assert system.reason(OSError(errno.ECONNREFUSED, "connect failed")) == "connect failed"


def test_states_of_a_box_are_named_as_people_name_them() -> None:
    with pytest.raises(ConflictError) as caught:
        Equipment(serial="A1", model="X").moved(Whereabouts.RETURNED)
    assert caught.value.said("nb") == "Tilstanden til boksen A1 er «på lager»; neste kan være: mistet, klargjort."


@pytest.mark.parametrize("state", Whereabouts)
def test_no_two_verbs_meet_where_a_state_of_a_box_is_filled_in(state: Whereabouts) -> None:
    """`skal leveres tilbake` has a verb of its own."""
    with pytest.raises(ConflictError) as caught:
        Equipment(serial="A1", model="X", state=state).moved(state)
    assert "er skal" not in caught.value.said("nb")


@pytest.mark.parametrize("state", sorted(oids.STORAGE_STATES.values()))
def test_a_disk_is_what_its_state_says(state: str) -> None:
    told = in_language(Saying("the disk is {state}", state=word(state)), "nb")
    assert told.startswith(("disken er skriv", "disken er full", "disken er i ferd med"))


def test_a_finding_in_an_argument_says_so_in_norwegian() -> None:
    with pytest.raises(InventoryError) as caught:
        from_arguments(["model=X", "state=x"], Equipment)
    one, other = sorted(issue.said("nb") for issue in caught.value.issues)
    assert one.startswith("argumentene: serial: mangler")
    assert other.startswith("argumentet state=: state: ")


def test_a_wrong_setting_is_told_in_norwegian() -> None:
    with pytest.raises(InvalidInputError) as caught:
        settings.load({"LINJEVAKT_DATABASE_ULR": "x"})
    assert caught.value.said("nb").endswith("betyr ingenting for Linjevakt. Mente du 'LINJEVAKT_DATABASE_URL'?")


def test_what_an_import_changes_and_removes_is_named_in_norwegian() -> None:
    fleet = inventory.load(resources.inventory() / "example")
    before = {name_of(site): site for site in fleet.sites}
    (name, site), *_ = ((name, site) for name, site in before.items() if name[1] == "fjellheim")
    after = before | {name: site.model_copy(update={"lines": site.lines[:1]})}
    del after[EntityKind.SITE, "solbakken"]
    gone = [in_language(one, "nb") for one in inventory.removals(before, after)]
    assert gone == ["linje wan1 på lokasjon fjellheim", "lokasjon solbakken"]
    told = [one.said("nb") for one in inventory.differences(before.values(), after.values())]
    assert told[0] == "fjernet lokasjon solbakken"
    assert told[1].startswith("endret lokasjon fjellheim: lines[1].")
    assert str(inventory.differences(before.values(), after.values())[0]) == "removed site solbakken"
