"""A reason that says nothing is refused wherever one is given, and so is one that nobody could read."""

import pytest
from tests.unit.cli.conftest import OWNER, Shell

_ORDER = (
    "order",
    "new",
    "add_service",
    "--set",
    "site=fjellheim",
    "--set",
    "segment=legekontor",
    "--set",
    "service=ntp",
)


@pytest.mark.parametrize("reason", ["", " ", "\t\n"])
@pytest.mark.parametrize(
    "command", [_ORDER, ("order", "cancel", 1), ("org", "set", OWNER, "name=Nytt navn")], ids=["new", "cancel", "set"]
)
def test_a_reason_that_says_nothing_is_refused(run: Shell, command: tuple[object, ...], reason: str) -> None:
    assert "say why" in run(*command, "--reason", reason, code=2).stderr


@pytest.mark.parametrize(("reason", "told"), [("x" * 2001, "longer than 2000"), ("a\x1b[2Jb", "control character")])
def test_a_reason_that_nobody_reads_is_refused(run: Shell, reason: str, told: str) -> None:
    assert told in run(*_ORDER, "--reason", reason, code=2).stderr
    assert run.json("order", "list", "--all") == []


def test_without_a_reason_a_command_has_one_of_its_own(run: Shell) -> None:
    run(*_ORDER)
