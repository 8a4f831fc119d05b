"""Files that are larger than anyone's inventory, or have no end at all: refused before anything parses them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests import timing

from linjevakt import inventory as files
from linjevakt.cli import fields
from linjevakt.cli.bootstrap import box
from linjevakt.inventory import document, sheet
from linjevakt.inventory.dumping import Form
from linjevakt.inventory.reading import limited
from linjevakt.model.errors import InvalidInputError, InventoryError
from linjevakt.model.inventory import Inventory
from linjevakt.workorders.wishes import Reopen


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A pipe that nobody will ever fill."""
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


def _sparse(file: Path, size: int) -> Path:
    with file.open("ab") as opened:
        opened.truncate(size)
    return file


@pytest.mark.parametrize("read", [lambda name: fields.from_file(name, Reopen), box, lambda name: limited(name, 1000)])
def test_what_has_no_end_is_no_file(fifo: Path, read: Callable[[str], object]) -> None:
    for name in (str(fifo), "/dev/zero", "/dev/tty0"):
        if Path(name).exists():
            with timing.ends(), pytest.raises((InvalidInputError, OSError), match=r"not a regular file|/dev/"):
                read(name)


@pytest.mark.parametrize("read", [lambda name: fields.from_file(name, Reopen), box])
def test_a_large_file_is_refused_with_the_limit(tmp_path: Path, read: Callable[[str], object]) -> None:
    with timing.ends(), pytest.raises(InvalidInputError, match=r"is larger than (1 MB|64 kB)\."):
        read(str(_sparse(tmp_path / "large", 10**12)))


@pytest.mark.parametrize("what", ["fields.from_file('-', Reopen)", "bootstrap.box('-')"])
def test_stdin_without_an_end_is_refused(what: str) -> None:
    program = f"from linjevakt.cli import bootstrap, fields\nfrom linjevakt.workorders.wishes import Reopen\n{what}"
    with Path("/dev/zero").open("rb") as endless:
        done = subprocess.run(
            [sys.executable, "-c", program], stdin=endless, capture_output=True, text=True, timeout=60, check=False
        )
    assert "InvalidInputError: stdin is larger than" in done.stderr


@pytest.mark.parametrize(
    ("form", "name", "limit"),
    [
        (Form.YAML, "organisations.yaml", "16 MB"),
        (Form.YAML, "installation.yaml", "1 MB"),
        (Form.YAML, "sites/fjellheim.yaml", "1 MB"),
        (Form.CSV, "lines.csv", "16 MB"),
    ],
)
def test_a_file_of_an_inventory_may_be_so_large(
    inventory: Inventory, tmp_path: Path, form: Form, name: str, limit: str
) -> None:
    files.dump(inventory, tmp_path / "it", form=form)
    _sparse(tmp_path / "it" / name, 10**12)
    with timing.ends(), pytest.raises(InventoryError, match=f"{name}: file: is larger than {limit}"):
        files.load(tmp_path / "it")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"- a\n" * 11_000, "more than 10,000 values"),
        (b"[" * 100_000, "nested deeper than 20 levels"),
        (b"a: " * 100_000, "is not YAML"),
        (b"{a: " * 100_000, "nested deeper than 20 levels"),
    ],
)
def test_a_document_has_an_end(monkeypatch: pytest.MonkeyPatch, raw: bytes, told: str) -> None:
    monkeypatch.setattr(document, "_VALUES", 10_000)  # of a million: a test should not need half a gigabyte
    with timing.ends():
        (flaw,) = document.parse(raw).flaws
    assert told in flaw.message


@pytest.mark.parametrize(
    "raw",
    [
        b",".join(b"c%d" % n for n in range(1_000_000)),
        b"a,b\n" + b"," * 1_000_000,
        b"a\n" * 11_000,
    ],
)
def test_a_sheet_has_an_end(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr(sheet, "_ROWS", 10_000)  # of 200,000: a test should not need as long
    with timing.ends():
        cells = sheet.parse(raw)
    assert [flaw.message for flaw in cells.flaws] == ["is larger than 10,000 rows of 200 cells"]


@pytest.mark.parametrize(
    "raw", [b";" * 2_000_000, b"'" * 2_000_000, b'"' * 2_000_001, b" " * 2_000_000, b"\0" * 2_000_000]
)
def test_a_line_without_a_word_takes_no_time(raw: bytes) -> None:
    with timing.ends():
        assert sheet.parse(raw).flaws or not sheet.parse(raw).rows
