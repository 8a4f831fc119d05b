"""The pages under `docs/`: the sections that code cites are there, and a line is short enough to be read in a diff."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from tests.documents import CHECKOUT

PAGES = ("domain", "contract")
_MENTION = re.compile(rf"\b({'|'.join(PAGES)})\.md\b(?:(?:[\s#]|\\n)+sections?\s+(\d+(?:(?:, | and )\d+)*))?")
"""`PAGE.md section 3`, `PAGE.md sections 3, 6 and 7`; over the end of a line of code, a comment or a JSON text too."""


def citations(text: str) -> Iterator[tuple[str, str | None]]:
    """Page and section of each citation; None for a page that is named without one."""
    for found in _MENTION.finditer(text):
        yield from ((found[1], section) for section in re.findall(r"\d+", found[2] or "") or [None])


def sections(page: str) -> set[str]:
    """The numbers that a page's headings carry."""
    return set(re.findall(r"^## (\d+)\. ", (CHECKOUT / f"docs/{page}.md").read_text(), re.MULTILINE))


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
