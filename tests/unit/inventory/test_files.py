"""Files that are not what they seem: encodings, links, sizes, kinds."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from linjevakt import inventory
from linjevakt.inventory.document import parse
from linjevakt.model.errors import InventoryError

Findings = Callable[[Path], list[str]]


def test_a_file_that_is_not_utf_8_is_named_with_its_line(folder: Path, findings: Findings) -> None:
    site = folder / "sites/fjellheim.yaml"
    site.write_bytes(site.read_bytes().replace("Tromsø".encode(), "Tromsø".encode("latin-1")))
    assert findings(folder) == ["sites/fjellheim.yaml:8: file: is not UTF-8: byte 0xf8. Save the file as UTF-8"]


def test_a_byte_order_mark_is_no_harm(folder: Path, findings: Findings) -> None:
    site = folder / "sites/fjellheim.yaml"
    site.write_bytes(b"\xef\xbb\xbf" + site.read_bytes())
    assert findings(folder) == []


def test_windows_line_ends_are_no_harm(folder: Path, findings: Findings) -> None:
    site = folder / "sites/fjellheim.yaml"
    site.write_bytes(site.read_bytes().replace(b"\n", b"\r\n"))
    assert findings(folder) == []


def test_a_link_out_of_the_folder_is_refused(folder: Path, findings: Findings) -> None:
    (folder / "sites/fjellheim.yaml").unlink()
    (folder / "sites/fjellheim.yaml").symlink_to("/etc/passwd")
    assert findings(folder) == [
        "sites/fjellheim.yaml: file: is a link that leads out of the folder. Put the file itself there"
    ]


def test_a_link_that_leads_nowhere_is_told(folder: Path, findings: Findings) -> None:
    (folder / "sites/a.yaml").symlink_to("b.yaml")
    (folder / "sites/loop.yaml").symlink_to("loop.yaml")
    first, second = findings(folder)
    assert first.startswith("sites/a.yaml: file: is missing.")
    assert second.startswith("sites/loop.yaml: file: cannot be read (")


def test_a_folder_and_a_pipe_with_the_name_of_a_site_are_refused(folder: Path, findings: Findings) -> None:
    (folder / "sites/a.yaml").mkdir()
    os.mkfifo(folder / "sites/b.yaml")
    assert findings(folder) == [
        "sites/a.yaml: file: is not a regular file. Put a YAML file there",
        "sites/b.yaml: file: is not a regular file. Put a YAML file there",
    ]


def test_a_huge_file_is_refused_unread(folder: Path, findings: Findings) -> None:
    os.truncate(folder / "sites/fjellheim.yaml", 5_000_000_000)
    assert findings(folder) == ["sites/fjellheim.yaml: file: is larger than 1 MB. Split it or clean it up"]


def test_a_path_that_is_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InventoryError, match="is not a folder"):
        inventory.load(tmp_path / "nowhere")


def test_plain_scalars_keep_their_text_and_only_null_is_nothing() -> None:
    document = parse(b"a: 0150\nb: NO\nc: 1_000\nd: null\ne: 'null'\nf: 2026-01-01\ng: ~\nh:\n")
    assert document.data == {
        "a": "0150",
        "b": "NO",
        "c": "1_000",
        "d": None,
        "e": "null",
        "f": "2026-01-01",
        "g": None,
        "h": None,
    }


def test_an_alias_bomb_stops_at_its_first_alias() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(30))
    (flaw,) = parse(bomb.encode()).flaws
    assert (flaw.line, flaw.message) == (2, "is an alias (*a)")


def test_a_hundred_thousand_open_brackets_are_refused_at_once() -> None:
    (flaw,) = parse(b"[" * 100_000).flaws
    assert flaw.message == "is nested deeper than 20 levels"
