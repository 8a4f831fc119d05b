"""A folder is brought in over HTTP as on the command line: checked, merged, all of it or nothing."""

import time
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from linjevakt import inventory as files
from linjevakt.office import Office, importing
from linjevakt.provisioning.fleet import Fleet
from linjevakt.workorders.desk import Desk

ZIP = {"Content-Type": "application/zip"}
BY = {"who": "Kari", "reason": "nye linjer"}


def packed(folder: Path) -> bytes:
    raw = BytesIO()
    with ZipFile(raw, "w") as made:
        for file in sorted(folder.rglob("*")):
            made.write(file, file.relative_to(folder.parent))
    return raw.getvalue()


@pytest.fixture(params=["yaml", "csv"])
def folder(request: pytest.FixtureRequest, populated: Fleet, tmp_path: Path) -> Path:
    """An export of the fleet in each form."""
    written = tmp_path / "export"
    now = importing.exported(Office(populated.store))
    form = files.Form(request.param)
    files.dump(now.inventory, written, equipment=now.equipment, exported=now.exported, form=form)
    return written


def changed(folder: Path, before: str = "Fjellheim legekontor", after: str = "Fjellheim legesenter") -> bytes:
    texts = {file: file.read_text(encoding="utf-8") for file in folder.rglob("*.*")}
    for file, text in texts.items():
        file.write_text(text.replace(before, after), encoding="utf-8")
    assert any(before in text for text in texts.values())
    return packed(folder)


def ended(client: TestClient, archive: bytes, **query: object) -> dict[str, Any]:
    """What an import has led to, asked for as a client does."""
    taken = client.post("/api/v1/imports", content=archive, headers=ZIP, params={**BY, **query})
    assert taken.status_code == 202, taken.text
    deadline = time.monotonic() + 60
    while (answer := client.get(taken.headers["Location"]).json())["state"] in {"reading", "saving"}:
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)
    return dict(answer)


def test_a_folder_is_rehearsed_then_saved_as_one_revision(writer: TestClient, desk: Desk, folder: Path) -> None:
    register, archive = desk.fleet.store.register, changed(folder)
    before = register.now().revision
    tried = ended(writer, archive, dry_run=True)
    assert (tried["state"], tried["revision"], register.now().revision) == ("rehearsed", None, before)
    done = ended(writer, archive)
    assert (done["state"], done["revision"], register.now().revision) == ("saved", before + 1, before + 1)
    assert done["changes"] == tried["changes"] != []
    assert (done["done"], done["total"]) == (2, 2), "every site was told of"
    last = register.revision()
    assert last is not None
    assert (last.who, last.why) == ("Kari", "nye linjer")


def test_what_is_wrong_is_told_file_by_file_and_nothing_is_saved(writer: TestClient, desk: Desk, folder: Path) -> None:
    before = desk.fleet.store.register.now().revision
    found = ended(writer, changed(folder, "310000019", "310000018"))
    assert (found["state"], found["revision"]) == ("failed", None)
    assert any("check digit" in one["message"]["en"] for one in found["findings"])
    assert all(one["message"]["nb"] != one["message"]["en"] for one in found["findings"])
    assert desk.fleet.store.register.now().revision == before


def test_a_clash_waits_for_a_word(writer: TestClient, folder: Path) -> None:
    url = "/api/v1/organisations/310000019"
    assert writer.patch(url, json={**BY, "name": "Fjellheim helsehus"}).status_code == 200
    archive = changed(folder)
    refused = ended(writer, archive)
    assert (refused["state"], len(refused["conflicts"])) == ("refused", 1)
    assert refused["conflicts"][0]["by"]["who"] == "Kari"
    assert refused["refusals"][0]["nb"] != refused["refusals"][0]["en"]
    assert writer.get(url).json()["name"] == "Fjellheim helsehus"
    assert ended(writer, archive, values="mine")["state"] == "saved"
    assert writer.get(url).json()["name"] == "Fjellheim legesenter"


@pytest.mark.parametrize("folder", ["yaml"], indirect=True)
def test_an_import_that_is_no_archive_is_refused_at_once(writer: TestClient, folder: Path) -> None:
    post = "/api/v1/imports"
    wrong = writer.post(post, content=b"no archive", headers=ZIP, params=BY)
    assert (wrong.status_code, "no ZIP archive" in wrong.json()["detail"]) == (422, True)
    assert writer.post(post, content=packed(folder), params=BY).status_code == 415
    assert writer.post(post, content=packed(folder), headers=ZIP, params={"who": "Kari"}).status_code == 422
    assert writer.post(post, content=bytes(32_000_001), headers=ZIP, params=BY).status_code == 413
    assert writer.get("/api/v1/imports/1").status_code == 404, "none of them was begun"
    assert ended(writer, packed(folder))["state"] == "saved", "the place is free again"


def test_another_route_takes_no_more_than_before(writer: TestClient) -> None:
    large = {**BY, "name": "x" * 1_000_001}
    assert writer.patch("/api/v1/organisations/310000019", json=large).status_code == 413
