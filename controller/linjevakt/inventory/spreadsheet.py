"""What a spreadsheet does to the cells of a CSV file, and the apostrophe that keeps it from doing so.

It computes a cell that begins with = + - or @ (OWASP, "CSV Injection"), and reads numbers, days and truths out of text,
which it then saves in its own way: 89470000160501234567 as 8,947E+19, 1/2 as a day. It splits cells at the separator
of its country, whatever the file's is: so no formula may follow one within a cell either.
"""

import re
from typing import Final

from linjevakt.model.saying import Saying

APOSTROPHE: Final = "'"

_MONTHS = "jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[kc]t|nov|de[sc]"  # how they begin, in Norwegian and English
_UNIT = r"(?:kr\.?|nok|[$€£%])?"
_TOUCHED: Final = re.compile(
    rf"""
      [=+\-@'\s].* | .*\s                                          # computed, or trimmed
    | (?! (?:0|[1-9]\d{{0,14}}) $ )                                # digits that are written as they were read
      {_UNIT} \s? (?:\d+ (?:[ .,]\d{{3}})* (?:[.,]\d*)? | [.,]\d+) (?:e[+-]?\d+)? \s? {_UNIT}
    | (?:\d+\s)? \d{{1,4}} \s?[./-]\s? \d{{1,4}} (?:\s?[./-]\s? \d{{1,4}})? \.? (?:\s.*)?   # 1/2, 31.12.2026 12:00
    | (?:\d{{1,4}} [\s.,/-]*)? (?:{_MONTHS})[a-z]* [\s.,/-]* \d{{0,4}}                      # MAR1, 2. mai
    | \d{{1,3}} (?::\d{{1,2}}){{1,2}} (?:[.,]\d+)? (?:\s?[ap]m?)? | \d{{1,2}} \s?[ap]m?     # 10:30, 1 a
    | true | false | sann | usann
    | \#.* | (?:err|feil):\d+                                      # as error values look
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_INSIDE: Final = re.compile(r"""([,;\t][\s"]*'*)(?=[=+\-@])""")
_INSIDE_ESCAPED: Final = re.compile(r"""([,;\t][\s"]*'*)'(?=[=+\-@])""")

# Microsoft, "Formula errors": English and Norwegian; LibreOffice has Err:502; a narrow column saves its hashes.
_ERROR: Final = re.compile(r"#(?:[A-ZÆØÅ0-9_/]+[!?]|N/A|I/T|GETTING_DATA|HENTER_DATA|#{2,})|(?:Err|Feil):\d{3}")
_SHORTENED: Final = re.compile(r"\d(?:[.,]\d+)?E[+-]\d{2,3}")


def escaped(value: str) -> str:
    """The cell that is read as this text, and that a spreadsheet neither computes nor rewrites."""
    if not (_TOUCHED.fullmatch(value) or _INSIDE.search(value)):
        return value
    return APOSTROPHE + _INSIDE.sub(r"\1'", value)


def unescaped(cell: str) -> str:
    """The text of a cell that begins with an apostrophe."""
    return _INSIDE_ESCAPED.sub(r"\1", cell.removeprefix(APOSTROPHE))


def spoiled(cell: str) -> tuple[str, str] | None:
    """What is wrong with a cell that a spreadsheet has written instead of what was in it, and how to mend it."""
    if _ERROR.fullmatch(cell):
        remedy = Saying("Write what belongs there, or '{} when it is meant", cell)
        return Saying("{!r} is an error value of a spreadsheet", cell), remedy
    if _SHORTENED.fullmatch(cell):
        remedy = Saying("Write it as it was, with an apostrophe in front, and make the column text")
        return Saying("{!r} is a number that a spreadsheet has shortened", cell), remedy
    return None
