"""`linjevakt-agent --help`: for people who stand before a box, and true."""

import re
import shlex

import pytest

from linjevakt_agent import cli

BY_ITSELF = ["guard", "run", "login"]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        cli.main([*arguments, "--help"])
    assert left.value.code == 0
    return capsys.readouterr().out


def typed(said: str) -> list[list[str]]:
    """The commands that a help shows as examples, each in words; what follows two spaces says what it is for."""
    rows = [row.strip() for row in said.splitlines() if row.startswith("  linjevakt-agent ")]
    return [shlex.split(re.split(r"  +| > ", row)[0])[1:] for row in rows]


def test_it_says_whom_it_is_for_and_where_to_begin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = printed(capsys)
    assert "stands before the box" in said
    assert typed(said)[0] == ["status"]
    assert "section 2" not in said
    assert max(map(len, said.splitlines())) <= 79


def test_what_people_use_comes_first_and_what_the_box_starts_by_itself_last(capsys: pytest.CaptureFixture[str]) -> None:
    listed = re.findall(r"^    ([a-z]+)  ", printed(capsys), re.MULTILINE)
    assert listed[:3] == ["status", "openings", "prove"]
    assert listed[-3:] == BY_ITSELF


@pytest.mark.parametrize("command", [(), ("config",)])
def test_each_command_that_it_shows_is_one(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    examples = typed(printed(capsys, *command))
    assert len(examples) >= 4
    for words in examples:
        assert cli._parsed(words).command is not None  # noqa: SLF001 - parses without carrying it out


@pytest.mark.parametrize("variable", ["40", "200"])
def test_the_examples_stand_whatever_the_width(
    variable: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", variable)
    assert ["config", "commit", "--revert-in", "120"] in typed(printed(capsys))
