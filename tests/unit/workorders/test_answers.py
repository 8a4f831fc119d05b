"""What people type for an answer: each way to write it, each value that cannot be, every answer of every kind."""

from datetime import date

import pytest

from linjevakt.model.errors import InvalidInputError
from linjevakt.model.order import Party
from linjevakt.model.phrase import Phrase
from linjevakt.norwegian.words import WORDS
from linjevakt.workorders import answers
from linjevakt.workorders.kinds import KINDS
from linjevakt.workorders.kinds.people import CONFIRMATION, DELIVERY, REGISTER, SUBSCRIPTION, SURVEY
from linjevakt.workorders.step import Answer, Step

TODAY = date(2026, 11, 26)
YES = {"locked": "yes", "ventilation": "yes", "power": "yes", "coverage": "yes"}
EVERY = [(kind.key, step, answer) for kind in KINDS.values() for step in kind.steps for answer in step.answers]


def _kept(answer: Answer, value: str) -> str:
    """What is kept of one answer, at a step that asks for nothing else."""
    step = Step("asked", Party.MEMBER, Phrase(nb="", en=""), answers=(answer,))
    return answers.read(step, {answer.name: value}, TODAY)[answer.name]


@pytest.mark.parametrize("written", ["yes", "YES", "Yes", "ja", "JA", " Ja ", "j", "y"])
def test_yes_is_yes_in_both_languages(written: str) -> None:
    assert answers.read(SUBSCRIPTION, {"business": written, "document": "x"}, TODAY)["business"] == "yes"


@pytest.mark.parametrize("written", ["no", "nei", "NEI", "nja", "jaja", "1", "true"])
def test_what_is_not_yes_is_none(written: str) -> None:
    with pytest.raises(InvalidInputError, match="business must be `yes`"):
        answers.read(SUBSCRIPTION, {"business": written, "document": "x"}, TODAY)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("-87", "-87"),
        ("\u221287", "-87"),
        ("\u201387", "-87"),
        ("-87,5", "-87.5"),
        ("\u221287 dBm", "-87"),
        ("-87dbm", "-87"),
        ("-140", "-140"),
        ("-40", "-40"),
    ],
)
def test_a_measured_strength_is_taken_as_it_is_written(written: str, kept: str) -> None:
    assert answers.read(SURVEY, {**YES, "coverage_dbm": written}, TODAY)["coverage_dbm"] == kept


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("87", "did you mean -87?"),
        ("-39", "-140 to -40 dBm"),
        ("-141", "-140 to -40 dBm"),
        ("0", "cannot be"),
        ("nan", "is no number"),
        ("inf", "is no number"),
        ("1e2", "is no number"),
        ("-8 7", "is no number"),
        ("\u0667", "is no number"),
        ("bra", "is no number"),
    ],
)
def test_a_strength_that_cannot_be_is_refused(written: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says.replace("?", r"\?")):
        answers.read(SURVEY, {**YES, "coverage_dbm": written}, TODAY)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("1000", "1000"), ("1 000", "1000"), ("1\u00a0000,5", "1000.5"), ("93,7 Mbit/s", "93.7"), ("+93.7", "93.7")],
)
def test_rates_are_written_with_blanks_and_commas(written: str, kept: str) -> None:
    assert answers.read(DELIVERY, {"down_mbit": written, "up_mbit": "10"}, TODAY)["down_mbit"] == kept


@pytest.mark.parametrize(
    ("written", "says"),
    [("1.000", "two ways"), ("1,000", "two ways"), ("0", "1 to 100000"), ("-5", "1 to 100000"), ("1000000", "cannot")],
)
def test_a_rate_that_cannot_be_or_may_be_two_is_refused(written: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        answers.read(DELIVERY, {"down_mbit": written, "up_mbit": "10"}, TODAY)


@pytest.mark.parametrize("written", ["2026-11-20", "20.11.2026", "20. 11. 2026", " 20.11.2026 "])
def test_a_day_is_taken_as_it_is_written(written: str) -> None:
    assert answers.read(CONFIRMATION, {"confirmed": written, "document": "x"}, TODAY)["confirmed"] == "2026-11-20"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("27.11.2026", "has not come yet"),
        ("30.02.2026", "'30.02.2026' is no day of the calendar"),
        ("32. 11. 2026", "'32. 11. 2026' is no date"),
        ("20.11.26", "is no date"),
        ("20261120", "is no date"),
        ("2026-W47-5", "is no date"),
        ("0226-11-20", "is the year right"),
        ("2006-11-20", "is the year right"),
    ],
)
def test_a_day_that_cannot_be_is_refused(written: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        answers.read(CONFIRMATION, {"confirmed": written, "document": "x"}, TODAY)


@pytest.mark.parametrize("written", ["not_needed", "Not needed", "ikke nødvendig", "IKKE_NØDVENDIG"])
def test_a_choice_is_known_in_both_languages(written: str) -> None:
    assert answers.read(REGISTER, {"address_register": written}, TODAY)["address_register"] == "not_needed"


def test_a_box_is_lost_by_the_word_that_the_program_says_itself() -> None:
    assert answers._CHOICES[WORDS["lost"]] == "lost"  # noqa: SLF001 - the table that is walked


def test_every_choice_has_a_norwegian_word() -> None:
    choices = {choice for _, _, answer in EVERY for choice in answer.choices}
    assert choices == set(answers._CHOICES.values())  # noqa: SLF001 - the table that is walked


@pytest.mark.parametrize(
    ("kind", "step", "answer"), EVERY, ids=lambda one: getattr(one, "key", getattr(one, "name", one))
)
def test_no_number_and_no_day_is_without_a_range(kind: str, step: Step, answer: Answer) -> None:
    del kind, step
    beyond = {"number": [str(answer.least - 1), str(answer.most + 1)], "day": ["1900-01-01", "2026-11-27"]}
    if answer.kind == "number":
        assert (answer.unit, answer.most < 1_000_000) != ("", False), "a number has a unit and a range of its own"
    for value in beyond.get(answer.kind, []):
        with pytest.raises(InvalidInputError):
            _kept(answer, value)
