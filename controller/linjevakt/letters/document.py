"""A letter as a value, in one language: who writes, what about, and sections of paragraphs, facts and tables."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Language = Literal["nb", "en"]

_MONTHS = {
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
    "en": "January February March April May June July August September October November December",
}


@dataclass(frozen=True)
class Facts:
    """Names with their values, one a line."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A header and rows of as many cells; `widths` are the columns' shares of the page."""

    header: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading (empty: none) and what stands below it; a text is a paragraph."""

    heading: str
    blocks: tuple[str | Facts | Table, ...]


@dataclass(frozen=True)
class Document:
    """The whole letter; `sender` and `recipient` are lines."""

    language: Language
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    date: str
    title: str
    sections: tuple[Section, ...]


def written(day: date, language: Language) -> str:
    """`22. november 2026` in Norwegian, `22 November 2026` in English."""
    month = _MONTHS[language].split()[day.month - 1]
    return f"{day.day}{'.' if language == 'nb' else ''} {month} {day.year}"
