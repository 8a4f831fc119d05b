"""An archive is looked at before anything of it is written: what a hostile one says is refused, and nothing is left."""

import stat
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from linjevakt.inventory import archive
from linjevakt.model.errors import InvalidInputError

Filled = Callable[[ZipFile], None]


def packed(fill: Filled) -> bytes:
    raw = BytesIO()
    with ZipFile(raw, "w", ZIP_DEFLATED) as made:
        fill(made)
    return raw.getvalue()


def of(*names: str) -> bytes:
    def fill(made: ZipFile) -> None:
        for name in names:
            made.writestr(ZipInfo(name), b"a: 1\n")

    return packed(fill)


def special(kind: int, target: str = "/etc/passwd") -> bytes:
    def fill(made: ZipFile) -> None:
        info = ZipInfo("organisations.yaml")
        info.external_attr = (kind | 0o644) << 16
        made.writestr(info, target)

    return packed(fill)


def squeezed(made: ZipFile) -> None:
    made.writestr("installation.yaml", b"a: 1\n", compress_type=ZIP_BZIP2)


def encrypted() -> bytes:
    """As an archive says it: the first flag of the general purpose bits, in both headers."""
    raw = bytearray(of("installation.yaml"))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", raw, raw.index(mark) + at, 1)
    return bytes(raw)


HOSTILE = {
    "up": (of("../evil.yaml"), "leads out of the folder"),
    "up inside": (of("sites/../../evil.yaml"), "leads out of the folder"),
    "absolute": (of("/etc/cron.d/evil"), "leads out of the folder"),
    "drive": (of("C:/evil.yaml"), "leads out of the folder"),
    "backslash": (of("..\\evil.yaml"), "leads out of the folder"),
    "folder up": (of("../"), "leads out of the folder"),
    "control": (of("sites/a\x1b[2J.yaml"), "has a name that no file of an inventory has"),
    "long": (of("a" * 201), "has a name that no file of an inventory has"),
    "twice": (of("sites/a.yaml", "sites/A.yaml"), "is there twice"),
    "file and folder": (of("sites", "sites/a.yaml"), "is a file and a folder at once"),
    "link": (special(stat.S_IFLNK), "is a link or a device"),
    "device": (special(stat.S_IFCHR), "is a link or a device"),
    "pipe": (special(stat.S_IFIFO), "is a link or a device"),
    "encrypted": (encrypted(), "is encrypted"),
    "another packing": (packed(squeezed), "is packed in another way"),
    "cut": (of("installation.yaml")[:-30], "no ZIP archive"),
    "nothing": (b"", "no ZIP archive"),
    "a sheet": (b"number;name\n", "no ZIP archive"),
}


@pytest.mark.parametrize(("raw", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_and_leads_nowhere(raw: bytes, why: str, tmp_path: Path) -> None:
    into = tmp_path / "in" / "to"
    into.mkdir(parents=True)
    with pytest.raises(InvalidInputError, match=why):
        archive.unpack(raw, into)
    assert list(tmp_path.rglob("*evil*")) == []


def test_a_bomb_is_counted_as_it_comes_out_whatever_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_LARGEST_FOLDER", 3_000_000)
    raw = bytearray(packed(lambda made: made.writestr("bomb.csv", bytes(30_000_000))))
    assert len(raw) < 40_000, "it is one: a thousand times as large inside"
    with pytest.raises(InvalidInputError, match="holds more than 3 MB"):
        archive.unpack(bytes(raw), tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= 3_000_000


def test_a_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    raw = bytearray(packed(lambda made: made.writestr("bomb.csv", bytes(1_000_000))))
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 10)  # uncompressed size, in the directory
    with pytest.raises(InvalidInputError, match="damaged"):
        archive.unpack(bytes(raw), tmp_path)


def test_an_archive_of_many_files_is_refused_before_its_directory_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_MOST_FILES", 3)
    monkeypatch.setattr(archive, "ZipFile", None)
    with pytest.raises(InvalidInputError, match="more than 3 files"):
        archive.unpack(of("a", "b", "c", "d"), tmp_path)


@pytest.mark.parametrize(("around", "found"), [("", "."), ("inventory/", "inventory")])
def test_the_folder_itself_or_one_around_it_is_found(around: str, found: str, tmp_path: Path) -> None:
    root = archive.unpack(of(f"{around}installation.yaml", f"{around}sites/", f"{around}sites/a.yaml"), tmp_path)
    assert root.relative_to(tmp_path).as_posix() == found
    assert (root / "sites" / "a.yaml").read_bytes() == b"a: 1\n"


def test_a_damaged_archive_is_told_as_one_wherever_it_is_damaged(tmp_path: Path) -> None:
    rng, whole, refused = Random(1), of("installation.yaml", "sites/a.yaml"), 0  # noqa: S311 - the same each time
    for n in range(400):
        raw, into = bytearray(whole), tmp_path / f"{n}"
        into.mkdir()
        for _ in range(rng.randint(1, 3)):
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        try:
            archive.unpack(bytes(raw), into)
        except InvalidInputError:
            refused += 1
    assert refused > 100
