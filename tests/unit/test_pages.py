"""The pages under `docs/`: the sections that code cites are there, and a line is short enough to be read in a diff."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.documents import CHECKOUT

PAGES = ("domain", "contract")
UNMENDED = {"api", "exchange", "orders", "security"}
"""Pages with longer lines still, most of them in tables."""

WIDTH = 200
"""Characters: what a page shows of a change, side by side, on a wide screen."""
_MENTION = re.compile(rf"\b({'|'.join(PAGES)})\.md\b(?:(?:[\s#]|\\n)+sections?\s+(\d+(?:(?:, | and )\d+)*))?")
"""`PAGE.md section 3`, `PAGE.md sections 3, 6 and 7`; over the end of a line of code, a comment or a JSON text too."""


def _page(name: str) -> str:
    return (CHECKOUT / f"docs/{name}.md").read_text()


def citations(text: str) -> Iterator[tuple[str, str | None]]:
    """Page and section of each citation; None for a page that is named without one."""
    for found in _MENTION.finditer(text):
        yield from ((found[1], section) for section in re.findall(r"\d+", found[2] or "") or [None])


def sections(page: str) -> set[str]:
    """The numbers that a page's headings carry."""
    return set(re.findall(r"^## (\d+)\. ", _page(page), re.MULTILINE))


def sources() -> Iterator[tuple[str, str]]:
    """Each text of the project but its pages: path in the checkout, and what it says."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    for name in listed.stdout.split("\0"):
        path = CHECKOUT / name
        if path.suffix in {".py", ".toml", ".yaml", ".json", ".j2", ".sh", ".txt"} and path.is_file():
            yield name, path.read_text()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(PAGE.md section 3)", ["3"]),
        ("of docs/PAGE.md section 10, and a wrong one", ["10"]),
        ("PAGE.md sections 3, 6 and 7", ["3", "6", "7"]),
        ("# as PAGE.md\n    # section 4 says", ["4"]),
        (r'"its ports (PAGE.md\nsections 2 and 9)"', ["2", "9"]),
        ("(PAGE.md, 8)", [None]),
        ("see PAGE.md", [None]),
    ],
)
@pytest.mark.parametrize("page", PAGES)
def test_a_citation_is_found_however_it_is_written(page: str, text: str, found: list[str | None]) -> None:
    assert list(citations(text.replace("PAGE", page))) == [(page, section) for section in found]


def test_each_section_that_is_cited_is_there() -> None:
    there = {(page, section) for page in PAGES for section in sections(page)}
    cited = [(name, *citation) for name, text in sources() for citation in citations(text)]
    assert {page for _, page, _ in cited} == set(PAGES)
    assert [(name, page, section) for name, page, section in cited if (page, section) not in there] == []


def test_the_contract_lists_each_object_of_the_mib_under_its_number() -> None:
    contract = _page("contract")
    mib = (CHECKOUT / "agent/linjevakt_agent/snmp/mibs/LINJEVAKT-MIB.txt").read_text()
    listed = re.findall(r"^\| (\d+) \| (lv\w+) \|", contract, re.MULTILINE)
    made = re.findall(
        r"^(lv\w+) OBJECT-TYPE(?:(?!OBJECT-TYPE).)*?::= \{ lv(?:Router|\w+Entry) (\d+) \}",
        mib,
        re.MULTILINE | re.DOTALL,
    )
    assert listed == [(number, name) for name, number in made]
    assert len(listed) > 30


def _readable() -> list[Path]:
    return [page for page in sorted((CHECKOUT / "docs").rglob("*.md")) if page.stem not in UNMENDED]


@pytest.mark.parametrize("page", _readable(), ids=lambda page: page.stem)
def test_no_line_of_a_page_is_too_long_to_be_read_in_a_diff(page: Path) -> None:
    lines = enumerate(page.read_text().splitlines(), 1)
    assert [(number, len(line)) for number, line in lines if len(line) > WIDTH] == []


def test_a_page_that_was_mended_is_held_from_then_on() -> None:
    left = [page for page in (CHECKOUT / "docs").rglob("*.md") if max(map(len, page.read_text().splitlines())) > WIDTH]
    assert {page.stem for page in left} == UNMENDED
