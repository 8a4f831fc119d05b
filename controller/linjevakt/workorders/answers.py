"""What people say about a step: read the way they write it in Norway and in English, and refused when it cannot be."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from linjevakt.model import day
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.fields import LONGEST_ANSWER, flaw
from linjevakt.model.near import did_you_mean
from linjevakt.model.saying import Saying, together, uncapitalised
from linjevakt.model.text import composed
from linjevakt.workorders.step import Answer, Step

_YES: Final = frozenset({"yes", "y", "ja", "j"})
_MINUS: Final = str.maketrans({"\u2212": "-", "\u2013": "-", "\u00a0": " ", "\u202f": " "})  # as word processors write
_NUMBER: Final = re.compile(r"[+-]?\d{1,3}(?: ?\d{3}){0,3}(?:[.,]\d{1,6})?", re.ASCII)
_TWO_WAYS: Final = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_CHOICES: Final[Mapping[str, str]] = {
    "endret": "changed",
    "ikke nødvendig": "not_needed",
    "hel": "good",
    "skadet": "damaged",
    "tapt": "lost",
    "mistet": "lost",
}


def read(step: Step, values: Mapping[str, str], today: date) -> Mapping[str, str]:
    """The answers in the form in which they are kept. Raises InvalidInputError that says all that is wrong.

    Kept are `yes`, days as 2026-01-31, numbers with a decimal point, choices by their keys, texts without outer blanks.
    """
    known = {answer.name: answer for answer in step.answers}
    plain = {name: _plain(known[name], value) if name in known else value for name, value in values.items()}
    faults = [_unknown(name, known) for name in values if name not in known]
    faults += [Saying("{} {}", name, found) for name, value in values.items() if (found := flaw(value, LONGEST_ANSWER))]
    faults += [fault for answer in step.answers for fault in _faults(answer, plain.get(answer.name, ""), today)]
    if faults:
        raise InvalidInputError(Saying("Step {step}: {faults}.", step=step.key, faults=together("; ", faults)))
    return plain


def _plain(answer: Answer, value: str) -> str:
    """The value as it is kept; one that cannot be read stays as it was written, for `_faults` to quote."""
    value = composed(value.strip())
    match answer.kind:
        case "yes":
            return "yes" if value.casefold() in _YES else value
        case "choice":
            word = " ".join(value.casefold().replace("_", " ").split())
            return _CHOICES.get(word, word.replace(" ", "_"))
        case "day":
            return day.iso(value) if _date(day.iso(value)) else value
        case "number":
            return _decimal(answer, value)
        case _:
            return value


def _decimal(answer: Answer, value: str) -> str:
    """`-87 dBm` is -87 with any minus sign, `1 000,5` is 1000.5; what can be read in two ways stays as it is."""
    number = value.translate(_MINUS)
    if answer.unit and number.casefold().endswith(answer.unit.casefold()):
        number = number[: -len(answer.unit)].strip()
    if not _NUMBER.fullmatch(number) or _TWO_WAYS.fullmatch(number):
        return value
    return f"{Decimal(number.replace(' ', '').replace(',', '.')):f}"


def _unknown(name: str, known: Mapping[str, Answer]) -> str:
    asked = Saying("it asks for: {}", ", ".join(known) or Saying("nothing"))
    remedy = uncapitalised(did_you_mean(name, known, asked))
    return Saying("{name} is not asked for; {remedy}", name=name, remedy=remedy)


def _faults(answer: Answer, value: str, today: date) -> Iterator[str]:
    if not value:
        if answer.required:
            yield Saying("{name} is missing ({title})", name=answer.name, title=answer.title)
    elif answer.kind == "yes" and value != "yes":
        yield Saying(
            "{name} must be `yes` (or `ja`) before this step is done ({title})", name=answer.name, title=answer.title
        )
    elif answer.kind == "choice" and value not in answer.choices:
        yield Saying("{name} is one of: {choices}", name=answer.name, choices=", ".join(answer.choices))
    elif answer.kind == "day":
        yield from _wrong_day(answer, value, today)
    elif answer.kind == "number":
        yield from _wrong_number(answer, value)


def _wrong_day(answer: Answer, value: str, today: date) -> Iterator[str]:
    said = _date(value)
    if said is None:
        message, remedy = day.fault(value)
        yield Saying("{}: {!r} {}; {}", answer.name, value, message, uncapitalised(remedy))
    elif said > today:
        yield Saying("{name}: {day} has not come yet; it is {today}", name=answer.name, day=said, today=today)
    elif said < today - timedelta(days=answer.oldest_days):
        yield Saying(
            "{name}: {day} is more than {number} days ago; is the year right?",
            name=answer.name,
            day=said,
            number=answer.oldest_days,
        )


def _date(text: str) -> date | None:
    """The day that is written as 2026-01-31, and in no other way."""
    try:
        said = date.fromisoformat(text)
    except ValueError:
        return None
    return said if said.isoformat() == text else None


def _wrong_number(answer: Answer, value: str) -> Iterator[str]:
    if _TWO_WAYS.fullmatch(value):
        yield Saying("{name}: {value!r} may be read in two ways; write 1000 or 1,5", name=answer.name, value=value)
    elif not re.fullmatch(r"-?\d+(\.\d+)?", value, re.ASCII):
        yield Saying("{name}: {value!r} is no number", name=answer.name, value=value)
    elif not answer.least <= Decimal(value) <= answer.most:
        yield _beyond(answer, value)


def _beyond(answer: Answer, value: str) -> str:
    said = {"name": answer.name, "value": value, "least": answer.least, "most": answer.most, "unit": answer.unit}
    if answer.least <= -Decimal(value) <= answer.most:
        return Saying("{name}: {value} cannot be, it is {least} to {most} {unit}; did you mean -{value}?", **said)
    return Saying("{name}: {value} cannot be, it is {least} to {most} {unit}", **said)
